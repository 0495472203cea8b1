import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventKinds } from '#domain/event.ts';
import { eventView, startFixture } from './api-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function start(changes: Parameters<typeof startFixture>[0] = {}) {
  const server = await startFixture(changes);
  open.push(server.close);
  return server;
}

async function follow(url: string, headers: Record<string, string> = {}) {
  const cancel = new AbortController();
  const answer = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: cancel.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    answer,
    cancel: () => cancel.abort(),
    /** What has come, once it holds this. Undefined when the stream has ended before. */
    async until(part: string): Promise<string | undefined> {
      while (!text.includes(part)) {
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return undefined;
        text += value;
      }
      return text;
    },
  };
}

async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('are told as they happen, one line of data each', async () => {
  const server = await start();
  const stream = await follow(`${server.url}/api/v1/events`);

  await stream.until(':');
  for (const listener of server.listeners) listener(eventView);

  const text = await stream.until('nginx:1.27)"}\n\n');
  expect(text).toContain(`id: 7\nevent: rolled-out\ndata: ${JSON.stringify(eventView)}\n\n`);
  expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.answer.headers.get('cache-control')).toBe('no-store');
});

it('are told from where the reader was', async () => {
  const server = await start();

  const stream = await follow(`${server.url}/api/v1/events?stack=web-prod`, { 'last-event-id': '6' });

  expect(await stream.until('"}\n\n')).toContain('id: 7\n');
  expect(server.requests).toEqual([{ stack: 'web-prod', limit: 500, after: 6 }]);
});

it('of other stacks are left out, and nothing secret is in them', async () => {
  const redact = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('hush', '***'));
  const server = await start({ redact });
  const stream = await follow(`${server.url}/api/v1/events?stack=web-prod`);

  await stream.until(':');
  for (const listener of server.listeners) {
    listener({ ...eventView, stack: 'other', message: 'not this one' });
    listener({ ...eventView, message: 'hush, the last' });
  }

  const text = await stream.until('the last');
  expect(text).toContain('***, the last');
  expect(text).not.toContain('not this one');
});

it('are told to nobody who has left', async () => {
  const server = await start();
  const stream = await follow(`${server.url}/api/v1/events`);
  await stream.until(':');
  expect(server.listeners.size).toBe(1);

  stream.cancel();

  await waitUntil(() => server.listeners.size === 0);
  expect(server.listeners.size).toBe(0);
});

it('end with the server, which does not wait for them', async () => {
  const server = await startFixture();
  const stream = await follow(`${server.url}/api/v1/events`);
  await stream.until(':');

  const startedAt = performance.now();
  await server.close();

  expect(performance.now() - startedAt).toBeLessThan(1_500);
  expect(await stream.until('never')).toBeUndefined();
});

it('need the token, where there is one', async () => {
  const server = await start({ token: 'right' });

  const stream = await follow(`${server.url}/api/v1/events`);

  expect(stream.answer.status).toBe(401);
  expect(server.listeners.size).toBe(0);
});

it('are not streamed to any number of readers', async () => {
  const server = await start();
  const streams = await Promise.all(Array.from({ length: 33 }, () => follow(`${server.url}/api/v1/events`)));

  expect(streams.filter(({ answer }) => answer.status === 200)).toHaveLength(32);
  expect(streams.filter(({ answer }) => answer.status === 503)).toHaveLength(1);
  for (const { cancel } of streams) cancel();
});

it('are all in the document', () => {
  const text = readFileSync(join(import.meta.dirname, '../../schemas/openapi.yaml'), 'utf8');
  const document = parse(text) as {
    components: { schemas: { EventView: { properties: { kind: { enum: string[] } } } } };
  };

  expect(document.components.schemas.EventView.properties.kind.enum).toEqual(eventKinds);
});
