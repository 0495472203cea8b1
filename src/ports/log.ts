/**
 * One event name and its fields a line. The name is a fixed lower-case phrase, so that lines can be grouped;
 * everything that varies is a field. The adapter redacts secret values.
 */
export type Log = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
};

export type LogFields = Readonly<Record<string, unknown>>;
