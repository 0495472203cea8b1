// Events as they happen, as server-sent events: `id`, `event` and one line of `data`.
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { EventView } from '#contract/history.ts';
import type { EventQuery } from '#domain/history.ts';
import type { HistoryActions } from './api-actions.ts';
import { sendError } from './http-error.ts';

export type EventStreams = {
  /** What has happened after `query.after`, and from then on everything as it happens. */
  open(query: EventQuery, reply: FastifyReply): FastifyReply;
  /** Ends all of them. */
  close(): void;
};

const mostStreams = 32;
/** Below the time after which a silent connection is closed, by us or by a proxy on the way. */
const heartbeatMs = 15_000;
const pageSize = 500;
const mostPages = 10;
/** Somebody who reads so slowly may come back with the id of the last event that was read. */
const mostUnreadBytes = 8 * 2 ** 20;

export function createEventStreams(
  actions: Pick<HistoryActions, 'events' | 'watchEvents'>,
  redact: (value: unknown) => unknown = (value) => value,
): EventStreams {
  const closing = new Set<() => void>();

  function follow(response: ServerResponse, query: EventQuery, missed: readonly EventView[]): void {
    const write = (text: string): void => {
      if (response.writableLength > mostUnreadBytes) response.destroy();
      else response.write(text);
    };
    const tell = (event: EventView): void => {
      if (query.stack !== undefined && event.stack !== query.stack) return;
      // Redacting changes texts only.
      write(formatEvent(redact(event) as EventView));
    };
    const stopWatching = actions.watchEvents(tell);
    const heartbeat = setInterval(() => write(':\n\n'), heartbeatMs);
    const close = (): void => void response.end();
    closing.add(close);
    response.on('error', () => response.destroy());
    response.on('close', () => {
      stopWatching();
      clearInterval(heartbeat);
      closing.delete(close);
    });
    write(':\n\n');
    for (const event of missed) tell(event);
  }

  return {
    open(query, reply) {
      if (closing.size >= mostStreams) {
        return sendError(reply, 'TOO_MANY_STREAMS', `there are ${mostStreams} event streams already`);
      }
      // Read before anything is sent: it may fail, and that is an answer, too.
      const missed = listMissed(actions, query);
      const headers = reply.getHeaders() as Record<string, string>;
      reply.hijack();
      reply.raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
      follow(reply.raw, query, missed);
      return reply;
    },
    close() {
      for (const close of closing) close();
    },
  };
}

/** Somebody who was away for long gets it in pages, and no more than so many. */
function listMissed(actions: Pick<HistoryActions, 'events'>, query: EventQuery): readonly EventView[] {
  const { after, sinceMs } = query;
  if (after === undefined && sinceMs === undefined) return [];
  const missed: EventView[] = [];
  for (let page = 0; page < mostPages; page += 1) {
    const last = missed.at(-1)?.id ?? after ?? 0;
    const { events } = actions.events({ ...query, after: last, limit: pageSize });
    missed.push(...events);
    if (events.length < pageSize) break;
  }
  return missed;
}

function formatEvent(event: EventView): string {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  return `${id}event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
