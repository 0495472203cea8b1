const longest = 200;

/** An object of short texts under known names, or a sentence about what is wrong with it. */
export function parseTexts<K extends string>(
  body: unknown,
  fields: readonly K[],
): Partial<Record<K, string>> | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body must be an object';
  const unknown = Object.keys(body).find((key) => !fields.some((field) => field === key));
  if (unknown !== undefined) return `unknown field; known are ${fields.join(', ')}`;
  const entries = Object.entries(body);
  const isText = (value: unknown) => typeof value === 'string' && value !== '' && value.length <= longest;
  const wrong = entries.find(([, value]) => !isText(value));
  if (wrong !== undefined) return `${wrong[0]} must be a text of 1 to ${longest} characters`;
  // Every name is one of `fields`, and every value a text.
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}
