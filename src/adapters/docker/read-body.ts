import type { Readable } from 'node:stream';
import { EngineError } from '#ports/engine.ts';

/** The whole body as text. @throws EngineError when it is larger than the limit */
export async function readBody(response: Readable, maxBytes: number): Promise<string> {
  return (await readBytes(response, maxBytes)).toString('utf8');
}

/** @throws EngineError when it is larger than the limit */
export async function readBytes(response: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new EngineError('ENGINE_FAILED', `the engine's answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
