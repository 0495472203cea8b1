import { type DestinationStream, destination, pino } from 'pino';
import type { Redactor } from '#domain/redactor.ts';
import type { Log, LogFields } from '#ports/log.ts';
import { toLoggable } from './to-loggable.ts';

export type LogOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `auto` is pretty on a terminal, JSON otherwise. */
  readonly format: 'json' | 'pretty' | 'auto';
  readonly redactor: Redactor;
  /** Standard output by default. */
  readonly stream?: DestinationStream & Partial<Terminal>;
};

type Terminal = { readonly isTTY: boolean; hasColors(): boolean };

/** Written synchronously: the last line before a crash is the one that is needed. */
export async function createPinoLog(options: LogOptions): Promise<Log> {
  const { level, format, redactor } = options;
  const terminal: Partial<Terminal> = options.stream ?? process.stdout;
  const isPretty = format === 'pretty' || (format === 'auto' && terminal.isTTY === true);
  const plain = options.stream ?? destination({ dest: 1, sync: true });
  const target = isPretty ? await prettyStream(plain, terminal.hasColors?.() === true) : plain;
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );

  function write(
    lineLevel: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields: LogFields = {},
  ): void {
    if (!logger.isLevelEnabled(lineLevel)) return;
    logger[lineLevel](renameReserved(redactor.redactDeep(toLoggable(fields))), redactor.redact(event));
  }

  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  };
}

/** A field named like one of the line's own would appear twice in the JSON object. */
function renameReserved(fields: unknown): object {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]) => [
      ['level', 'time', 'event'].includes(key) ? `${key}_` : key,
      value,
    ]),
  );
}

/** Loaded only on a terminal: a daemon in a container never pays for it. */
async function prettyStream(stream: DestinationStream, colorize: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const prettify = prettyFactory({
    colorize,
    messageKey: 'event',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    // Errors are fields like all others: its own form of them takes ten lines and tells the stack twice.
    errorLikeObjectKeys: [],
  });
  return { write: (line) => stream.write(prettify(line)) };
}
