import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DockerClient, type RequestFacts } from '#adapters/docker/docker-client.ts';
import { EngineError } from '#ports/engine.ts';
import { type FakeDaemon, type FakeRequest, startFakeDaemon } from './fake-daemon.ts';

let answer: (request: FakeRequest, response: ServerResponse) => void;
let daemon: FakeDaemon;
let client: DockerClient;
let facts: RequestFacts[];
const never = new AbortController().signal;

beforeEach(async () => {
  daemon = await startFakeDaemon((request, response) => answer(request, response));
  facts = [];
  client = new DockerClient({ host: daemon.host, callMs: 400, onRequest: (each) => facts.push(each) });
});

afterEach(async () => {
  client.close();
  await daemon.close();
});

function get(path = '/x', signal: AbortSignal = never): Promise<unknown> {
  return client.call({ operation: 'test-call', method: 'GET', path, signal });
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof EngineError ? error.code : `not an EngineError: ${error}`;
}

describe('an answer', () => {
  it('with Content-Length that breaks off is a failure, at once', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('[{"Id":', () => response.destroy());
    };

    expect(await codeOf(get())).toBe('ENGINE_UNREACHABLE');
  });

  it('in chunks that breaks off is a failure, at once', async () => {
    answer = (_, response) => {
      response.write('[', () => response.destroy());
    };

    expect(await codeOf(get())).toBe('ENGINE_UNREACHABLE');
  });

  it('whose body never ends is given up after the deadline', async () => {
    answer = (_, response) => void response.write('[');

    expect(await codeOf(get())).toBe('ENGINE_TIMEOUT');
  });

  it('that never comes is given up after the deadline', async () => {
    answer = () => undefined;

    expect(await codeOf(get())).toBe('ENGINE_TIMEOUT');
    expect(facts.at(-1)?.result).toBe('ENGINE_TIMEOUT');
  });

  it('that is not JSON is a failure, not an empty list', async () => {
    answer = (_, response) => void response.end('<html>');

    expect(await codeOf(get())).toBe('ENGINE_FAILED');
  });

  it('of 304 is success', async () => {
    answer = (_, response) => void response.writeHead(304).end();

    await expect(get()).resolves.toBeUndefined();
  });

  it('with an error that is not JSON keeps its text', async () => {
    answer = (_, response) => void response.writeHead(502).end('Bad\n gateway');

    await expect(get()).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      status: 502,
      message: 'test-call: Bad gateway',
    });
  });

  it.each([
    [400, 'invalid mount', 'ENGINE_INVALID_REQUEST', 'stall'],
    [403, 'endpoint with name a already exists', 'ENGINE_CONFLICT', 'retry'],
    [404, 'No such container: a', 'ENGINE_NOT_FOUND', 'retry'],
    [409, 'Conflict. The container name is already in use', 'ENGINE_CONFLICT', 'retry'],
    [500, 'Bind for 0.0.0.0:80 failed: port is already allocated', 'ENGINE_PORT_TAKEN', 'retry'],
    [500, 'listen tcp 0.0.0.0:80: bind: address already in use', 'ENGINE_PORT_TAKEN', 'retry'],
    [500, 'oops', 'ENGINE_FAILED', 'retry'],
  ])('of %i "%s" is %s', async (status, message, code, reaction) => {
    answer = (_, response) => void response.writeHead(status).end(JSON.stringify({ message }));

    await expect(get()).rejects.toMatchObject({ code, status, reaction });
  });
});

describe('a caller that aborts', () => {
  it('is released before the answer has come', async () => {
    answer = () => undefined;
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);

    await expect(get('/x', controller.signal)).rejects.toThrow('enough');
  });

  it('is released in the middle of the body', async () => {
    answer = (_, response) => void response.write('[');
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);

    await expect(get('/x', controller.signal)).rejects.toThrow('enough');
  });

  it('sends nothing when it has aborted before', async () => {
    answer = (_, response) => void response.end('[]');

    await expect(get('/x', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');

    expect(daemon.requests).toEqual([]);
  });
});

describe('a request', () => {
  it('has what it sends in its body, and only the query in its URL', async () => {
    answer = (_, response) => void response.end('{}');

    await client.call({
      operation: 'create-container',
      method: 'POST',
      path: '/containers/create',
      query: { name: 'web 1' },
      body: { Env: ['PASSWORD=secret'] },
      signal: never,
    });

    expect(daemon.requests).toEqual([
      {
        method: 'POST',
        url: '/v1.41/containers/create?name=web%201',
        body: '{"Env":["PASSWORD=secret"]}',
      },
    ]);
  });

  it('that reads is sent again when the kept connection was closed', async () => {
    let isFirst = true;
    answer = (_, response) => {
      if (isFirst) response.destroy();
      else response.end('[]');
      isFirst = false;
    };

    await expect(get()).resolves.toEqual([]);
  });

  it('that changes something is never sent twice', async () => {
    answer = (_, response) => void response.destroy();

    const attempt = client.call({ operation: 'x', method: 'POST', path: '/x', signal: never });

    expect(await codeOf(attempt)).toBe('ENGINE_UNREACHABLE');
    expect(daemon.requests).toHaveLength(1);
  });

  it('is one of eight at most at a time, on connections that are kept', async () => {
    let running = 0;
    let most = 0;
    answer = (_, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.end('[]');
      }, 10);
    };

    await Promise.all(Array.from({ length: 40 }, () => get()));

    expect(most).toBe(8);
    expect(daemon.connections()).toBeLessThanOrEqual(9);
  });
});

describe('an engine', () => {
  it('that is not there is unreachable, with the reason', async () => {
    const lost = new DockerClient({ host: 'unix:///nowhere/docker.sock', callMs: 400 });

    await expect(
      lost.call({ operation: 'x', method: 'GET', path: '/x', signal: never }),
    ).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: 'no Docker Engine answers at unix:///nowhere/docker.sock: there is no such socket',
    });
  });

  it('is addressed as told, whatever DOCKER_HOST says', async () => {
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      answer = (_, response) => void response.end('[]');
      const other = new DockerClient({ host: daemon.host, callMs: 400 });

      await expect(other.call({ operation: 'x', method: 'GET', path: '/x', signal: never })).resolves.toEqual(
        [],
      );
    } finally {
      delete process.env['DOCKER_HOST'];
    }
  });
});
