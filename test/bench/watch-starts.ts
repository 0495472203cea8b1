import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { ownerLabel } from '#domain/labels.ts';
import { parseEngineHost } from '#test/support/engine-request.ts';

export type Starts = Disposable & {
  /** When (`performance.now`) the engine told of the nth start since the last `forget`. */
  nth(count: number): Promise<number>;
  forget(): void;
};

const longestMs = 60_000;
const lineFeed = 10;

/** Listens to the engine itself for starts of what carries this owner, so that both sides end at the same moment. */
export async function watchStarts(host: string, owner: string): Promise<Starts> {
  const filters = { type: ['container'], event: ['start'], label: [`${ownerLabel}=${owner}`] };
  const path = `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const call = request({ ...parseEngineHost(host), path, agent: false });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let startedAtMs: number[] = [];
  let tell = (): void => undefined;
  // One line for each.
  response.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === lineFeed) startedAtMs.push(performance.now());
    tell();
  });
  // It is cut off in the end.
  response.on('error', () => undefined);
  call.on('error', () => undefined);
  return {
    async nth(count) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      tell = () => {
        const atMs = startedAtMs[count - 1];
        if (atMs !== undefined) resolve(atMs);
      };
      const timer = setTimeout(
        () => reject(new Error(`${startedAtMs.length} of ${count} containers were started`)),
        longestMs,
      );
      tell();
      return promise.finally(() => clearTimeout(timer));
    },
    forget() {
      startedAtMs = [];
    },
    [Symbol.dispose]: () => call.destroy(),
  };
}
