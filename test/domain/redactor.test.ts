import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRedactor } from '#domain/redactor.ts';

const secret = 'p@ss/wörd+?>~';

function redactorOf(...values: string[]) {
  const redactor = createRedactor();
  for (const value of values) redactor.add(value);
  return redactor;
}

it.each([
  ['as it is', secret],
  ['in Base64', Buffer.from(secret).toString('base64')],
  ['in Base64 for URLs', Buffer.from(secret).toString('base64url')],
  ['in a URL', encodeURIComponent(secret)],
  ['in a URL with small hex digits', encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase())],
])('a secret is masked %s', (_how, text) => {
  expect(redactorOf(secret).redact(`before ${text} after`)).toBe('before *** after');
});

it.each(['', 'u', 'user:', 'robot$a:'])(
  'a secret is masked inside basic authentication after "%s"',
  (user) => {
    const header = Buffer.from(`${user}${secret}`).toString('base64');

    const redacted = redactorOf(secret).redact(header);

    expect(redacted).toContain('***');
    expect(Buffer.from(redacted.split('***')[0] ?? '', 'base64').toString()).not.toContain(
      secret.slice(0, 3),
    );
  },
);

it('reaches keys, arrays and every depth, and leaves other values alone', () => {
  const value = { [secret]: [{ deep: `x${secret}y` }, 5, null, true, undefined] };

  expect(redactorOf(secret).redactDeep(value)).toEqual({
    '***': [{ deep: 'x***y' }, 5, null, true, undefined],
  });
});

it('ends on a cycle', () => {
  const value: Record<string, unknown> = { secret };
  value['self'] = value;

  expect(redactorOf(secret).redactDeep(value)).toEqual({ secret: '***', self: '[circular]' });
});

it('masks the longer secret whole when one contains the other', () => {
  expect(redactorOf('abcd', 'abcdefgh').redact('abcdefgh')).toBe('***');
});

it('ignores values that are too short to be told from words', () => {
  expect(redactorOf('abc', '').redact('abcdef')).toBe('abcdef');
});

it('no secret survives in any of its forms, whatever characters it has', () => {
  const property = fc.property(
    fc.string({ minLength: 4, unit: 'grapheme' }),
    fc.string(),
    (value, before) => {
      const redactor = redactorOf(value);
      const forms = [
        value,
        encodeURIComponent(value.toWellFormed()),
        Buffer.from(value).toString('base64'),
        Buffer.from(value).toString('base64url'),
      ];
      return forms.every((form) => redactor.redact(before + form).includes('***'));
    },
  );

  const run = fc.check(property);

  expect(run).toMatchObject({ failed: false });
});
