import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProber } from '#adapters/probe/create-prober.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;
let containerId: string;
beforeAll(async () => {
  docker = await openEngineUnderTest();
  await docker.create('web');
  await docker.run({ kind: 'start-container', target: { name: docker.name('web') } });
  containerId = (await docker.find('web'))?.id ?? '';
});
afterAll(() => docker.cleanUp());

const exec = (...command: string[]) => docker.engine.exec(containerId, command, docker.signal);

it('a command in a container gives its exit code and what it wrote, errors included', async () => {
  expect(await exec('sh', '-c', 'echo fine')).toEqual({ exitCode: 0, output: 'fine' });

  const { exitCode, output } = await exec('sh', '-c', 'echo one; echo two >&2; exit 7');
  expect(exitCode).toBe(7);
  expect(output.split('\n').toSorted()).toEqual(['one', 'two']);
});

it('of a flood only the beginning is kept, and its end is waited for', async () => {
  const { exitCode, output } = await exec('sh', '-c', 'head -c 3000000 /dev/zero; exit 4');

  expect(exitCode).toBe(4);
  expect(output.length).toBeLessThanOrEqual(16 * 1024);
});

it('a command that is not there, or a container that does not run, is a failed check with a reason', async () => {
  const prober = createProber(docker.engine);
  const ask = (id: string, command: readonly string[]) =>
    prober.probe(
      {
        container: { id, name: 'web' },
        check: { kind: 'exec', command },
        address: undefined,
        timeoutMs: 3000,
        run: '',
        dueAtMs: 0,
      },
      docker.signal,
    );

  expect(await ask(containerId, ['no-such-program'])).toMatchObject({ ok: false });
  expect(await ask('0'.repeat(64), ['true'])).toMatchObject({
    ok: false,
    output: expect.stringMatching(/no such container/i),
  });
});

it('a command that does not end is given up at the deadline of the check', async () => {
  const startedMs = performance.now();
  const answer = await createProber(docker.engine).probe(
    {
      container: { id: containerId, name: 'web' },
      check: { kind: 'exec', command: ['sleep', '30'] },
      address: undefined,
      timeoutMs: 500,
      run: '',
      dueAtMs: 0,
    },
    docker.signal,
  );

  expect(answer).toEqual({ ok: false, output: 'sleep: no answer within 0.5 s' });
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
