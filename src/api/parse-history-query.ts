// Query strings of what asks for the past: the query, or a sentence about what is wrong with it.
import type { EventQuery, HistoryQuery } from '#domain/history.ts';
import type { DiffRequest } from './api-actions.ts';

const usualLimit = 50;
const greatestLimit = 500;
const longest = 200;

type Texts = Readonly<Record<string, string>>;

export function parseHistoryQuery(query: unknown): HistoryQuery | string {
  const texts = readTexts(query, ['stack', 'limit', 'before']);
  if (typeof texts === 'string') return texts;
  const limit = parseLimit(texts);
  const before = parseOptionalId(texts, 'before');
  if (limit === undefined || before === 'wrong') return numberHint;
  return { limit, ...pickStack(texts), ...(before === undefined ? {} : { before }) };
}

/** `lastEventId` is what a browser, or a client that comes back, sends to go on where it was. */
export function parseEventQuery(query: unknown, lastEventId?: string | string[]): EventQuery | string {
  const texts = readTexts(query, ['stack', 'limit', 'after', 'since']);
  if (typeof texts === 'string') return texts;
  const limit = parseLimit(texts);
  const after = typeof lastEventId === 'string' ? parseId(lastEventId) : parseOptionalId(texts, 'after');
  const sinceMs = texts['since'] === undefined ? undefined : Date.parse(texts['since']);
  if (limit === undefined || after === 'wrong') return numberHint;
  if (Number.isNaN(sinceMs)) return 'since must be a time such as 2026-01-31T12:00:00Z';
  return {
    limit,
    ...pickStack(texts),
    ...(after === undefined ? {} : { after }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

export function parseDiffQuery(query: unknown): DiffRequest | string {
  const texts = readTexts(query, ['stack', 'from', 'to']);
  if (typeof texts === 'string') return texts;
  const { stack, from, to } = texts;
  return stack === undefined || from === undefined || to === undefined
    ? 'stack, from and to are needed'
    : { stack, from, to };
}

/** Undefined when it is no number of a record. */
export function parseId(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const numberHint = `limit must be 1 to ${greatestLimit}; before and after must be numbers of records`;

function readTexts(query: unknown, known: readonly string[]): Texts | string {
  const entries = Object.entries(query as object);
  const isKnown = ([name]: readonly [string, unknown]) => known.includes(name);
  if (!entries.every(isKnown)) return `unknown parameter; known are ${known.join(', ')}`;
  const wrong = entries.find(([, text]) => typeof text !== 'string' || text === '' || text.length > longest);
  if (wrong !== undefined) return `${wrong[0]} must be one text of 1 to ${longest} characters`;
  return Object.fromEntries(entries) as Texts;
}

function pickStack({ stack }: Texts): { readonly stack?: string } {
  return stack === undefined ? {} : { stack };
}

function parseLimit({ limit }: Texts): number | undefined {
  if (limit === undefined) return usualLimit;
  const number = parseId(limit) ?? 0;
  return number >= 1 && number <= greatestLimit ? number : undefined;
}

function parseOptionalId(texts: Texts, name: string): number | undefined | 'wrong' {
  const text = texts[name];
  return text === undefined ? undefined : (parseId(text) ?? 'wrong');
}
