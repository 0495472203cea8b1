import { describe, expect, it } from 'vitest';
import { DockerClient } from '#adapters/docker/docker-client.ts';
import { resolveApiVersion } from '#adapters/docker/negotiate-api-version.ts';
import { compareApiVersions } from '#domain/api-version.ts';
import { startFakeDaemon } from './fake-daemon.ts';

const never = new AbortController().signal;

describe('the API version', () => {
  it.each([
    ['1.41', '1.41'],
    ['1.44', '1.44'],
    ['1.51', '1.51'],
    ['1.55', '1.51'],
    ['2.0', '1.51'],
  ])('with an engine that speaks %s is %s', (theirs, spoken) => {
    expect(resolveApiVersion(theirs)).toBe(spoken);
  });

  it('of an engine that is too old is refused with the reason', () => {
    expect(() => resolveApiVersion('1.40')).toThrow(/speaks API 1.40 at most; 1.41/);
    expect(() => resolveApiVersion('1.5')).toThrow(/speaks API 1.5 at most/);
  });

  it('is what tells an engine from something else', () => {
    expect(() => resolveApiVersion(undefined)).toThrow(/not a Docker Engine/);
  });

  it('is compared number by number', () => {
    expect(compareApiVersions('1.5', '1.41')).toBeLessThan(0);
    expect(compareApiVersions('1.44', '1.44')).toBe(0);
  });

  it('is agreed anew when an older engine has come back', async () => {
    let version = '1.51';
    const daemon = await startFakeDaemon(
      (request, response) => {
        const isSpoken = request.url.startsWith(`/v${version}/`);
        const refusal = `{"message":"client version 1.51 is too new. Maximum is ${version}"}`;
        response.writeHead(isSpoken ? 200 : 400).end(isSpoken ? JSON.stringify(version) : refusal);
      },
      () => version,
    );
    const client = new DockerClient({ host: daemon.host, callMs: 400 });
    const ask = () => client.call({ operation: 'x', method: 'GET', path: '/x', signal: never });

    const before = await ask();
    version = '1.43';
    const after = await ask();

    expect([before, after]).toEqual(['1.51', '1.43']);
    client.close();
    await daemon.close();
  });
});
