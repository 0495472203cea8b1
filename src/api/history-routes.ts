import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { HistoryActions } from './api-actions.ts';
import type { EventStreams } from './event-streams.ts';
import { sendError } from './http-error.ts';
import { parseDiffQuery, parseEventQuery, parseHistoryQuery, parseId } from './parse-history-query.ts';

export function createHistoryRoutes(actions: HistoryActions, streams: EventStreams): readonly RouteOptions[] {
  return [
    {
      method: 'GET',
      url: '/api/v1/history',
      handler: (request, reply) => {
        const query = parseHistoryQuery(request.query);
        return typeof query === 'string'
          ? sendError(reply, 'BAD_REQUEST', query)
          : reply.send(actions.history(query));
      },
    },
    {
      method: 'GET',
      url: '/api/v1/history/:id',
      handler: (request, reply) => sendCycle(actions, (request.params as { id: string }).id, reply),
    },
    {
      method: 'GET',
      url: '/api/v1/events',
      // The body of a stream has no end that HEAD could tell of.
      exposeHeadRoute: false,
      handler: (request, reply) => sendEvents(actions, streams, request, reply),
    },
    {
      method: 'GET',
      url: '/api/v1/diff',
      handler: (request, reply) => sendDiff(actions, request.query, reply),
    },
  ];
}

function sendCycle(actions: HistoryActions, text: string, reply: FastifyReply): FastifyReply {
  const id = parseId(text);
  const cycle = id === undefined ? undefined : actions.pastCycle(id);
  return cycle === undefined
    ? sendError(reply, 'HISTORY_NOT_FOUND', 'the history has no cycle of this number')
    : reply.send(cycle);
}

function sendEvents(
  actions: HistoryActions,
  streams: EventStreams,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const isStream = request.headers.accept?.includes('text/event-stream') === true;
  const query = parseEventQuery(request.query, isStream ? request.headers['last-event-id'] : undefined);
  if (typeof query === 'string') return sendError(reply, 'BAD_REQUEST', query);
  if (isStream) return streams.open(query, reply);
  return reply.send(actions.events(query));
}

function sendDiff(actions: HistoryActions, query: unknown, reply: FastifyReply): FastifyReply {
  const request = parseDiffQuery(query);
  if (typeof request === 'string') return sendError(reply, 'BAD_REQUEST', request);
  const answer = actions.diff(request);
  if (answer.kind === 'compared') return reply.send(answer.view);
  return sendError(reply, answer.kind === 'unknown' ? 'HISTORY_NOT_FOUND' : 'BAD_REQUEST', answer.message);
}
