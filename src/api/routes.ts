import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { HealthView, ReadyView } from '#contract/status.ts';
import type { ApiActions, MetricsText } from './api-actions.ts';
import type { EventStreams } from './event-streams.ts';
import { createHistoryRoutes } from './history-routes.ts';
import { sendError } from './http-error.ts';
import { readOpenapiDocument } from './openapi-document.ts';
import { createOverrideRoutes } from './override-routes.ts';
import { parseReconcileRequest } from './parse-reconcile-request.ts';

const alive: HealthView = { status: 'ok' };

/** Everything the server answers; schemas/openapi.yaml says the same, and a test compares the two. */
export function createRoutes(
  actions: ApiActions,
  metrics: MetricsText,
  streams: EventStreams,
): readonly RouteOptions[] {
  return [
    { method: 'GET', url: '/metrics', handler: (request, reply) => sendMetrics(metrics, request, reply) },
    { method: 'GET', url: '/healthz', handler: (_request, reply) => reply.send(alive) },
    { method: 'GET', url: '/readyz', handler: (_request, reply) => sendReadiness(actions, reply) },
    { method: 'GET', url: '/api/v1/status', handler: (_request, reply) => reply.send(actions.status()) },
    { method: 'GET', url: '/api/v1/stacks', handler: (_request, reply) => reply.send(actions.stacks()) },
    {
      method: 'GET',
      url: '/api/v1/stacks/:name',
      handler: (request, reply) => sendStack(actions, (request.params as { name: string }).name, reply),
    },
    { method: 'GET', url: '/api/v1/routes', handler: (_request, reply) => reply.send(actions.routes()) },
    {
      method: 'POST',
      url: '/api/v1/reconcile',
      handler: (request, reply) => requestReconcile(actions, request.body, reply),
    },
    ...createOverrideRoutes(actions),
    ...createHistoryRoutes(actions, streams),
    { method: 'GET', url: '/api/v1/openapi.yaml', handler: (_request, reply) => sendDocument(reply) },
  ];
}

async function sendMetrics(metrics: MetricsText, request: FastifyRequest, reply: FastifyReply) {
  const { contentType, body } = await metrics.text(request.headers.accept);
  return reply.header('content-type', contentType).send(body);
}

function sendReadiness(actions: ApiActions, reply: FastifyReply): FastifyReply {
  const { ready, message } = actions.isReady();
  if (!ready) return sendError(reply, 'NOT_READY', message);
  return reply.send({ ready, message } satisfies ReadyView);
}

function sendStack(actions: ApiActions, name: string, reply: FastifyReply): FastifyReply {
  const stack = actions.stack(name);
  return stack === undefined
    ? sendError(reply, 'STACK_NOT_FOUND', 'there is no stack of this name')
    : reply.send(stack);
}

function requestReconcile(actions: ApiActions, body: unknown, reply: FastifyReply): FastifyReply {
  const request = parseReconcileRequest(body);
  if (typeof request === 'string') return sendError(reply, 'BAD_REQUEST', request);
  const answer = actions.reconcile(request);
  return answer.accepted ? reply.code(202).send(answer) : sendError(reply, 'STACK_NOT_FOUND', answer.message);
}

async function sendDocument(reply: FastifyReply) {
  return reply.header('content-type', 'application/yaml; charset=utf-8').send(await readOpenapiDocument());
}
