import { composeLabels, stackLabel } from '#domain/labels.ts';
import type { EngineEvent } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { readLines, type StreamLine } from './ndjson.ts';

const filters = JSON.stringify({ type: ['container', 'network', 'volume', 'image'] });

/** Three of these for every health probe; they change nothing. */
const noise = /^exec_/;

/**
 * Passes events on until the stream ends or the signal fires. `onEvent` must return at once: an engine drops
 * events for a listener that does not read. @throws EngineError when the stream breaks
 */
export async function watchEvents(
  client: DockerClient,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const call = {
    operation: 'watch-events',
    method: 'GET',
    path: '/events',
    query: { filters },
    signal,
  } as const;
  try {
    await client.follow(call, async (body) => {
      for await (const line of readLines(body)) {
        const event = toEvent(line);
        if (event !== undefined) onEvent(event);
      }
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export function toEvent(line: StreamLine): EngineEvent | undefined {
  const { Type: type, Action: action } = line;
  if (typeof type !== 'string' || typeof action !== 'string' || noise.test(action)) return undefined;
  const actor = readRecord(line['Actor']);
  const attributes = readRecord(actor['Attributes']);
  // A network tells of its container in an attribute.
  const containerId = type === 'container' ? actor['ID'] : attributes['container'];
  const stack = attributes[stackLabel];
  const project = attributes[composeLabels.project];
  const exitCode = Number(attributes['exitCode'] ?? Number.NaN);
  return {
    type,
    action,
    ...(typeof containerId === 'string' ? { containerId } : {}),
    ...(action === 'die' && Number.isInteger(exitCode) ? { exitCode } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(typeof project === 'string' ? { project } : {}),
  };
}

function readRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
