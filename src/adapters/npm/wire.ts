import { ProxyError } from '#ports/proxy.ts';

// Answers are read field by field, each in the forms that the versions know; nothing else of them is kept, so
// that keys, passwords and hashes end here.

export type Fields = {
  text(key: string): string;
  /** '' for null and for what is not there. */
  textOrEmpty(key: string): string;
  /** 0 for null and for what is not there, unless it must be there. */
  integer(key: string): number;
  integerOrZero(key: string): number;
  /** `true` and 1 are yes; not there is no. */
  flag(key: string): boolean;
  /** Empty for null and for what is not there. */
  list(key: string): readonly unknown[];
  record(key: string): Readonly<Record<string, unknown>>;
};

/** Reads the fields of one object; `what` names it in errors. @throws ProxyError PROXY_UNKNOWN_ANSWER */
export function fieldsOf(what: string, value: unknown): Fields {
  const row = toRecord(what, value);
  const wrong = (key: string, expected: string): never => {
    throw new ProxyError('PROXY_UNKNOWN_ANSWER', `${what}: ${key} is not ${expected}`);
  };
  const isLeftOut = (key: string) => row[key] === undefined || row[key] === null;
  const fields: Fields = {
    text(key) {
      const found = row[key];
      return typeof found === 'string' ? found : wrong(key, 'a text');
    },
    textOrEmpty: (key) => (isLeftOut(key) ? '' : fields.text(key)),
    integer(key) {
      const found = row[key];
      return typeof found === 'number' && Number.isSafeInteger(found) ? found : wrong(key, 'a whole number');
    },
    integerOrZero: (key) => (isLeftOut(key) ? 0 : fields.integer(key)),
    flag(key) {
      const found = row[key];
      if (isLeftOut(key) || found === false || found === 0) return false;
      return found === true || found === 1 ? true : wrong(key, 'yes or no');
    },
    list(key) {
      const found = row[key];
      if (isLeftOut(key)) return [];
      return Array.isArray(found) ? found : wrong(key, 'a list');
    },
    record: (key) => (isLeftOut(key) ? {} : toRecord(`${what}: ${key}`, row[key])),
  };
  return fields;
}

/** @throws ProxyError PROXY_UNKNOWN_ANSWER */
export function toRecord(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as never;
  throw new ProxyError('PROXY_UNKNOWN_ANSWER', `${what} is not an object`);
}

/**
 * The rows of a listing. Anything else is a failure: taken for an empty list, it would mean that nothing exists.
 * @throws ProxyError PROXY_UNKNOWN_ANSWER
 */
export function toRows(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ProxyError('PROXY_UNKNOWN_ANSWER', `the list of ${what} is not a list`);
}

/** The id of what was made. @throws ProxyError PROXY_UNKNOWN_ANSWER */
export function toId(what: string, value: unknown): number {
  return fieldsOf(what, value).integer('id');
}

/**
 * `2026-11-21 01:43:26` of SQLite is in the local time of the server, which nothing tells: it is taken for UTC,
 * as in the official image. Other data bases say it in full. Undefined for what is neither.
 */
export function toTimeMs(text: string): number | undefined {
  const timeMs = Date.parse(/^[\d-]+ [\d:]+$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
