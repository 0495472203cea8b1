// What differs from run to run, in the words of the recordings.
const replacements: readonly (readonly [RegExp, string])[] = [
  [/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, '<token>'],
  [/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+Z)?$/, '<time>'],
  [/^-----BEGIN CERTIFICATE-----.*$/s, '<certificate pem>'],
  [/^-----BEGIN PRIVATE KEY-----.*$/s, '<private key pem>'],
  [/^(<certificate pem>|<private key pem>)\n$/, '$1'],
  [/\/tmp\/[\da-f-]{36}/g, '/tmp/<uuid>'],
  [/^[\dA-F]{8}$/, '<8 hex>'],
  [/^[A-Z2-7]{32}$/, '<totp secret>'],
  [/secret=[A-Z2-7]{32}/, 'secret=<totp secret>'],
  [/^# x{90000}$/, '# xxx… (90 kB)'],
];

/** Both sides of a comparison go through this. */
export function normalizeAnswer(value: unknown): unknown {
  if (typeof value === 'string') {
    return replacements.reduce((text, [pattern, word]) => text.replace(pattern, word), value);
  }
  if (Array.isArray(value)) return value.map(normalizeAnswer);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name === 'dates' ? '<seconds>' : normalizeAnswer(field),
    ]),
  );
}
