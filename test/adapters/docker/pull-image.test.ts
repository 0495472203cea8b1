import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DockerClient } from '#adapters/docker/docker-client.ts';
import { pullImage } from '#adapters/docker/pull-image.ts';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts';

let stream: (response: ServerResponse) => void;
let isPresent: boolean;
let daemon: FakeDaemon;
let client: DockerClient;

beforeEach(async () => {
  isPresent = true;
  daemon = await startFakeDaemon(({ method }, response) => {
    if (method === 'POST') stream(response);
    else response.writeHead(isPresent ? 200 : 404).end('{"message":"No such image"}');
  });
  client = new DockerClient({ host: daemon.host, callMs: 1000 });
});

afterEach(async () => {
  client.close();
  await daemon.close();
});

function pull(image = 'nginx'): Promise<void> {
  const deps = { client, registryCredentials: async () => undefined, pullMs: 500 };
  return pullImage({ image }, deps, new AbortController().signal);
}

function failing(message: string): void {
  stream = (response) => {
    response.write('{"status":"Pulling fs layer"}\r\n');
    response.end(`${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`);
  };
}

it('always names a tag, because without one the engine pulls every tag', async () => {
  stream = (response) => void response.end('{"status":"Pull complete"}');

  await pull('nginx');

  expect(daemon.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fnginx&tag=latest',
    'GET /v1.41/images/docker.io/library/nginx:latest/json',
  ]);
});

it.each([
  ['manifest for a:1 not found: manifest unknown', 'IMAGE_NOT_FOUND'],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'IMAGE_NOT_FOUND'],
  [
    "pull access denied for a, repository does not exist or may require 'docker login'",
    'IMAGE_ACCESS_DENIED',
  ],
  ['Head "https://r/v2/a/manifests/1": no basic auth credentials', 'IMAGE_ACCESS_DENIED'],
  ['unauthorized: authentication required', 'IMAGE_ACCESS_DENIED'],
  ['Get "https://r/v2/": dial tcp: lookup r on 1.1.1.1:53: no such host', 'REGISTRY_UNREACHABLE'],
  ['Get "https://r/v2/": net/http: TLS handshake timeout', 'REGISTRY_UNREACHABLE'],
  ['received unexpected HTTP status: 503 Service Unavailable', 'REGISTRY_UNREACHABLE'],
  ['toomanyrequests: You have reached your pull rate limit', 'REGISTRY_RATE_LIMITED'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'ENGINE_FAILED'],
])('a failure told in a stream that began with 200 is a failure: %s', async (message, code) => {
  failing(message);

  await expect(pull()).rejects.toMatchObject({ code, message: `nginx: ${message}` });
});

it('a stream that ends well without the image is a failure', async () => {
  isPresent = false;
  stream = (response) => void response.end('{"status":"Pull complete"}');

  await expect(pull()).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
});

it('a stream that breaks off is a failure', async () => {
  stream = (response) => void response.write('{"status":"a"}\n', () => response.destroy());

  await expect(pull()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
});

it('a pull that stands still is given up', async () => {
  stream = (response) => void response.write('{"status":"a"}\n');

  await expect(pull()).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
});
