import type { FastifyReply, RouteOptions } from 'fastify';
import type { OverrideAccepted } from '#contract/overrides.ts';
import type { OverrideActions, OverrideAnswer, OverrideRequest } from './api-actions.ts';
import { sendError } from './http-error.ts';
import { parseTexts } from './parse-texts.ts';

const fieldsByAction = {
  rollback: ['to', 'service', 'reason'],
  suspend: ['until', 'reason'],
  resume: ['service'],
  stop: ['service', 'reason'],
  start: ['service', 'reason'],
  restart: ['service', 'reason'],
} as const;

export function createOverrideRoutes(actions: OverrideActions): readonly RouteOptions[] {
  const names = Object.keys(fieldsByAction) as readonly OverrideRequest['action'][];
  return [
    ...names.map(
      (action): RouteOptions => ({
        method: 'POST',
        url: `/api/v1/stacks/:name/${action}`,
        handler: async (request, reply) => {
          const body = parseTexts(request.body, fieldsByAction[action]);
          if (typeof body === 'string') return sendError(reply, 'BAD_REQUEST', body);
          const { name } = request.params as { name: string };
          return sendAnswer(await actions.changeStack(name, { ...body, action }), reply);
        },
      }),
    ),
    {
      method: 'POST',
      url: '/api/v1/approvals',
      handler: (request, reply) => {
        const body = parseTexts(request.body, ['token']);
        if (typeof body === 'string') return sendError(reply, 'BAD_REQUEST', body);
        if (body.token === undefined) return sendError(reply, 'BAD_REQUEST', 'token is missing');
        return sendAnswer(actions.approve({ token: body.token }), reply);
      },
    },
  ];
}

function sendAnswer(answer: OverrideAnswer, reply: FastifyReply): FastifyReply {
  if (answer.kind === 'refused') return sendError(reply, answer.code, answer.message);
  return reply.code(202).send({ accepted: true, changes: answer.changes } satisfies OverrideAccepted);
}
