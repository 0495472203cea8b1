// Secrets are found by value, not by the name of the field they stand in: they turn up in error messages,
// URLs and headers, where no name tells.
import { encodeBase64, encodeUtf8, innerBase64 } from './secret-forms.ts';

export type Redactor = {
  /** Values of less than 4 characters are ignored: they would tear ordinary words apart. */
  add(value: string): void;
  redact(text: string): string;
  /** A copy with every string redacted, at every depth, keys included. */
  redactDeep(value: unknown): unknown;
};

const mask = '***';
const shortestSecret = 4;
const deepest = 16;

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;
  let isStale = false;

  function add(value: string): void {
    const before = forms.size;
    for (const form of formsOf(value)) forms.add(form);
    if (forms.size > before) isStale = true;
  }

  /** Made when it is needed: many secrets may come at once. */
  function renew(): void {
    // Longest first, so that a secret which contains another one is masked as a whole.
    const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
    pattern = new RegExp(longestFirst.map(escapeForRegExp).join('|'), 'g');
    isStale = false;
  }

  function redact(text: string): string {
    if (isStale) renew();
    return pattern === undefined ? text : text.replace(pattern, mask);
  }

  return { add, redact, redactDeep: (value) => copyRedacted(value, redact, []) };
}

function copyRedacted(value: unknown, redact: (text: string) => string, above: readonly object[]): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circular]';
  if (above.length >= deepest) return '[too deep]';
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((part) => copyRedacted(part, redact, path));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [redact(key), copyRedacted(part, redact, path)]),
  );
}

function formsOf(value: string): readonly string[] {
  if (value.length < shortestSecret) return [];
  const bytes = encodeUtf8(value);
  const base64 = [encodeBase64(bytes), encodeBase64(bytes).replace(/=+$/, ''), ...innerBase64(bytes)];
  const urlEncoded = encodeURIComponent(value.toWellFormed());
  return [
    value,
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    urlEncoded,
    urlEncoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    urlEncoded.replaceAll('%20', '+'),
  ];
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
