import type { EventView } from '#contract/history.ts';
import type { ApiAccess } from './cli-actions.ts';
import { CliError } from './cli-error.ts';
import { refuse, requestApi } from './fetch-view.ts';
import { toQuery } from './to-query.ts';

export type FollowOptions = {
  readonly tell: (event: EventView) => void;
  /** The daemon has answered. */
  readonly opened: () => void;
  readonly signal?: AbortSignal | undefined;
};

/** No event is as long as that; something else answers. */
const longestEvent = 1024 * 1024;
/** The daemon gives a sign of life every 15 s. */
const silenceMs = 45_000;

/**
 * Every event after `after`, and then those that happen, until the signal fires.
 * @throws CliError when there is no daemon, it refuses, falls silent, or ends
 */
export async function followEvents(
  access: ApiAccess,
  query: {
    readonly stack: string | undefined;
    readonly since: string | undefined;
    readonly after: number;
  },
  { tell, opened, signal }: FollowOptions,
): Promise<void> {
  const silent = new AbortController();
  const alarm = setTimeout(() => silent.abort(), silenceMs);
  const stop = AbortSignal.any([silent.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    const path = `/api/v1/events${toQuery({ ...query, after: String(query.after) })}`;
    const response = await requestApi(access, path, { accept: 'text/event-stream', signal: stop });
    if (!response.ok || response.body === null) throw await refuse(access, response);
    opened();
    let unread = '';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      alarm.refresh();
      const parts = (unread + text).split('\n\n');
      unread = parts.pop() ?? '';
      if (unread.length > longestEvent) throw new CliError('API_FAILED', `${access.url} sends no events`);
      for (const part of parts) for (const event of parseEvent(part)) tell(event);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('API_UNREACHABLE', `no events from ${access.url} any more`, { cause: error });
  } finally {
    clearTimeout(alarm);
  }
  throw new CliError('API_UNREACHABLE', `no events from ${access.url} any more`);
}

/** None for a sign of life, or for what is not ours. */
function parseEvent(part: string): readonly EventView[] {
  const data = /^data: (.*)$/m.exec(part)?.[1];
  if (data === undefined) return [];
  try {
    const event: unknown = JSON.parse(data);
    const isEvent = typeof event === 'object' && event !== null && 'kind' in event && 'at' in event;
    return isEvent ? [event as EventView] : [];
  } catch {
    return [];
  }
}
