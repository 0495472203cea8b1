import type { RestartPolicy } from './container-spec.ts';

type AnyPolicy = { readonly name: string; readonly maxRetries: number };

const names = ['no', 'always', 'unless-stopped', 'on-failure'] as const;

/** The engine keeps both spellings of "no": the empty one and the word. */
export function isSamePolicy(found: AnyPolicy, wanted: RestartPolicy): boolean {
  if ((found.name || 'no') !== (wanted.name || 'no')) return false;
  return wanted.name !== 'on-failure' || found.maxRetries === wanted.maxRetries;
}

/** `always`, `on-failure:3` */
export function formatRestartPolicy({ name, maxRetries }: AnyPolicy): string {
  return name === 'on-failure' && maxRetries > 0 ? `on-failure:${maxRetries}` : name || 'no';
}

/** Undefined when it is none. */
export function parseRestartPolicy(text: string): RestartPolicy | undefined {
  const [word = '', retries = '0'] = text.split(':');
  const name = names.find((each) => each === word);
  return name === undefined ? undefined : { name, maxRetries: Number(retries) || 0 };
}
