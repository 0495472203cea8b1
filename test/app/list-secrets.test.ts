import { expect, it } from 'vitest';
import { listSecrets } from '#app/list-secrets.ts';
import { createRedactor } from '#domain/redactor.ts';
import { aFile, anApp, aService, aStack } from '#test/support/builders.ts';

it('a secret of the state repo is redacted whole, by its lines, and in base64; what is no secret stays', () => {
  const files = [
    aFile({ content: 'hunter2\n', secret: true }),
    aFile({ content: 'first line of a key\nshort\nsecond line of a key\n', secret: true }),
    aFile({ content: 'an ordinary configuration' }),
  ];
  const redactor = createRedactor();
  listSecrets([anApp([aStack({ services: [aService({ spec: { files } })] })])]).forEach(redactor.add);

  const text = `hunter2 | ${Buffer.from('hunter2\n').toString('base64')} | second line of a key | short | an ordinary configuration`;

  expect(redactor.redact(text)).toBe('*** | *** | *** | short | an ordinary configuration');
});

it('what a check is let in with is a secret, too', () => {
  const times = { intervalMs: 1000, timeoutMs: 1000, id: 'one' };
  const http = {
    kind: 'http',
    scheme: 'http',
    port: 80,
    path: '/',
    headers: { Authorization: 'Bearer hunter2', Accept: 'text/html' },
    status: [],
    followRedirects: false,
  } as const;
  const mqtt = { kind: 'mqtt', port: 1883, topic: 'a', username: 'me', password: 'hunter3' } as const;
  const services = [http, mqtt].map((check) => aService({ probe: { check, ...times } }));

  expect(listSecrets([anApp([aStack({ services })])])).toEqual(['Bearer hunter2', 'hunter3']);
});
