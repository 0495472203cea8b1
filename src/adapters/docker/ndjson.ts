import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { EngineError } from '#ports/engine.ts';
import { readMessage } from './engine-failure.ts';

const maxLineLength = 1024 * 1024;

/** What one line of an engine's stream says; fields are read by whoever knows the stream. */
export type StreamLine = Readonly<Record<string, unknown>>;

/**
 * The objects of a stream with one JSON object a line. Characters may be split between two chunks.
 * @throws EngineError when a line is no object, or has no end within 1 MiB
 */
export async function* readLines(stream: Readable): AsyncGenerator<StreamLine> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') yield parseLine(line);
    }
    if (rest.length > maxLineLength) {
      throw new EngineError(
        'ENGINE_FAILED',
        `the engine sent a line of more than ${maxLineLength} characters`,
      );
    }
  }
  rest += decoder.end();
  if (rest.trim() !== '') yield parseLine(rest);
}

/** What a line says when it tells of a failure. */
export function readFailure({ errorDetail, error }: StreamLine): string | undefined {
  if (typeof errorDetail === 'object' && errorDetail !== null && 'message' in errorDetail) {
    return readMessage(String(errorDetail.message));
  }
  return typeof error === 'string' ? readMessage(error) : undefined;
}

function parseLine(line: string): StreamLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as StreamLine;
  } catch {
    // Told below, in the same words.
  }
  throw new EngineError(
    'ENGINE_FAILED',
    `the engine sent a line that is no JSON object: ${line.slice(0, 80)}`,
  );
}
