import type { NpmVersion } from '../npm-version.ts';

// What SQLite keeps as 0 and 1, and was answered so.
const deadHostFlags = new Set(['ssl_forced', 'http2_support', 'hsts_enabled', 'hsts_subdomains']);

/**
 * The answer as this version gives it: booleans as 0 and 1 before 2.12.0 (those of 404 hosts before 2.12.4), and
 * fields that nobody knows yet in versions to come.
 */
export function toVersionAnswer(version: NpmVersion, path: string, body: unknown): unknown {
  if (!path.startsWith('/nginx/') && !path.startsWith('/users')) return body;
  if (!version.isSince('2.12.0')) return replaceFlags(body, () => true);
  if (!version.isSince('2.12.4') && path.startsWith('/nginx/dead-hosts')) {
    return replaceFlags(body, (name) => deadHostFlags.has(name));
  }
  if (version.isSince('2.16.0')) return addUnknownFields(body);
  return body;
}

function replaceFlags(value: unknown, isNumeric: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => replaceFlags(one, isNumeric));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name === 'meta') return [name, field];
      if (typeof field === 'boolean' && isNumeric(name)) return [name, field ? 1 : 0];
      return [name, replaceFlags(field, isNumeric)];
    }),
  );
}

function addUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addUnknownFields);
  if (!isPlainObject(value) || !('created_on' in value)) return value;
  return { ...value, future_flag: true, future_object: { since: 'tomorrow' } };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}
