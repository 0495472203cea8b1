import { connectAsync } from 'mqtt';
import { expect, it } from 'vitest';
import { createProber } from '#adapters/probe/create-prober.ts';
import type { ProbeRequest } from '#domain/probe.ts';
import { findFreePort } from '#test/support/free-port.ts';
import { startBroker } from '#test/support/mosquitto.ts';

const never = new AbortController().signal;
const prober = createProber({ exec: () => Promise.reject(new Error('not asked for')) });

function ask(port: number, options: { username?: string; password?: string; timeoutMs?: number } = {}) {
  const { timeoutMs = 3000, ...credentials } = options;
  const request: ProbeRequest = {
    container: { id: 'c1', name: 'shop-broker-1' },
    check: { kind: 'mqtt', port, topic: 'shop/+/state', ...credentials },
    address: '127.0.0.1',
    timeoutMs,
    run: '1',
    dueAtMs: 0,
  };
  return prober.probe(request, never);
}

it('a retained message is an answer', async () => {
  await using broker = await startBroker();
  const publisher = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  await publisher.publishAsync('shop/web/state', 'up', { qos: 1, retain: true });
  await publisher.endAsync();

  expect(await ask(broker.port)).toEqual({
    ok: true,
    output: `mqtt://127.0.0.1:${broker.port} shop/+/state: up`,
  });
});

it('a message that comes while it is waited for is an answer', async () => {
  await using broker = await startBroker();
  const publisher = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  const asked = ask(broker.port);
  const telling = setInterval(() => publisher.publish('shop/web/state', 'tick'), 100);

  expect(await asked).toMatchObject({ ok: true, output: expect.stringContaining('tick') });
  clearInterval(telling);
  await publisher.endAsync();
});

it('a silent topic is no answer', async () => {
  await using broker = await startBroker();

  expect(await ask(broker.port, { timeoutMs: 500 })).toMatchObject({
    ok: false,
    output: expect.stringContaining('no answer within 0.5 s'),
  });
});

it('a broker that does not let it in is told, without the password', async () => {
  await using broker = await startBroker(['allow_anonymous false']);

  const { ok, output } = await ask(broker.port, { username: 'probe', password: 'hunter2' });

  expect(ok).toBe(false);
  expect(output).toMatch(/not authori[sz]ed/i);
  expect(output).not.toContain('hunter2');
});

it('without a broker there is no answer', async () => {
  expect(await ask(await findFreePort())).toMatchObject({
    ok: false,
    output: expect.stringContaining('nothing listens there'),
  });
});
