import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StackView } from '#contract/status.ts';
import { quickFleet } from '#test/support/crash-matrix.ts';
import { requestEngine } from '#test/support/engine-request.ts';
import { runCommand } from '#test/support/run-command.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// What the guards stop on a real engine, what they say, and that `shorefast approve` lets go exactly what its token
// named.

const letters = ['a', 'b', 'c', 'd', 'e'] as const;
type Letter = (typeof letters)[number];

function commit({ app, repo }: World, files: Partial<Record<Letter, string | null>>): Promise<string> {
  const entries = Object.entries(files).map(([letter, text]) => [`apps/${app}${letter}/compose.yaml`, text]);
  return repo.commit({ ...Object.fromEntries(entries), 'fleet.yaml': quickFleet });
}

function ofAll(text: string): Record<Letter, string> {
  return { a: text, b: text, c: text, d: text, e: text };
}

async function approve(daemon: TestDaemon, token: string) {
  return runCommand(['approve', token, '--api-url', daemon.url]);
}

/** The stack once it is held for this reason, by another token than this one. */
async function untilHeld(
  daemon: TestDaemon,
  stack: string,
  { reason, not = '' }: { readonly reason: string; readonly not?: string },
): Promise<{ readonly ready: StackView['ready']; readonly token: string }> {
  let ready: StackView['ready'] | undefined;
  await eventually(
    async () => {
      ready = (await daemon.stack(stack))?.ready;
      return ready?.reason === reason && toToken(ready) !== not;
    },
    30_000,
    () => `${stack} is not held for ${reason}: ${JSON.stringify(ready)}`,
  );
  if (ready === undefined) throw new Error(`there is no stack ${stack}`);
  return { ready, token: toToken(ready) };
}

function toToken({ unblock }: StackView['ready']): string {
  return /shorefast approve ([0-9a-f]{8})/.exec(unblock ?? '')?.[1] ?? '';
}

async function listLetters({ live, app }: World): Promise<string> {
  const names = Object.keys(await live.ids());
  return letters.filter((letter) => names.includes(`${app}${letter}-web-1`)).join('');
}

function settingsOf({ owner, repo, engine }: World): Record<string, string> {
  return {
    SHOREFAST_OWNER: owner,
    SHOREFAST_REPO__URL: repo.directory,
    SHOREFAST_DOCKER__HOST: engine.host,
    SHOREFAST_DATA_DIRECTORY: join(repo.root, 'of-plan'),
  };
}

const settleMs = 1_500;

it('a commit that removes most of a host waits, and an approval lets go what its token named', async () => {
  await using world = await openWorld();
  const { app, live } = world;
  const good = composeFile({ web: webService() });
  const daemon = await world.start();
  const first = await commit(world, ofAll(good));
  await daemon.reconcile();
  await daemon.converged(first, ...letters.map((letter) => `${app}${letter}`));
  const before = await live.ids();

  await commit(world, { b: null, c: null, d: null, e: null });
  await daemon.reconcile();
  const asked = await untilHeld(daemon, `${app}e`, { reason: 'PruneNeedsApproval' });
  expect(asked.ready.message).toContain(
    '4 of 5 containers are no longer declared; up to 3 go without approval',
  );
  expect(await live.ids()).toEqual(before);

  // Before anybody has said so, Git asks for something else.
  await commit(world, { a: null, b: good });
  await daemon.reconcile();
  const next = await untilHeld(daemon, `${app}e`, { reason: 'PruneNeedsApproval', not: asked.token });
  expect((await approve(daemon, 'cafecafe')).code).toBe(3);
  await approve(daemon, asked.token);
  await sleep(settleMs);
  expect(await live.ids()).toEqual(before);

  expect(await approve(daemon, next.token)).toMatchObject({ code: 0 });
  await eventually(async () => (await listLetters(world)) === 'b');
  expect(await live.ids()).toEqual({ [`${app}b-web-1`]: before[`${app}b-web-1`] });
});

it('replacements that Git did not ask for wait beyond the limit, say why, and go when they are approved', async () => {
  await using world = await openWorld();
  const { app, live } = world;
  const image = `shorefast-test/${app}:1`;
  const moveTo = (version: 1 | 2) =>
    live.act('POST', `/images/shorefast-test/web:${version}/tag?repo=shorefast-test/${app}&tag=1`);
  const env = { SHOREFAST_BREAKER__MAX_CHANGES: '1', SHOREFAST_BREAKER__MAX_PERCENT: '0' };
  const service = (more = '') =>
    composeFile({ web: `    image: ${image}\n    pull_policy: never\n    restart: unless-stopped${more}` });
  const names = letters.map((letter) => `${app}${letter}`);
  const findKept = async (before: Readonly<Record<string, string>>) =>
    Object.entries(await live.ids()).filter(([name, id]) => before[name] === id).length;
  try {
    await moveTo(1);
    const daemon = await world.start({ env });
    const first = await commit(world, ofAll(service()));
    await daemon.reconcile();
    await daemon.converged(first, ...names);
    const before = await live.ids();

    await moveTo(2);
    await daemon.reconcile();
    const { stack, token } = await untilAllAsked(daemon, names, 4);
    const { ready } = await untilHeld(daemon, stack, { reason: 'MassChange' });
    expect(ready.message).toMatch(
      new RegExp(
        `^not replaced: ${stack}-web-1: \\d of \\d containers would be replaced within 10 minutes although Git did not change; up to 1 are`,
      ),
    );
    await sleep(settleMs);
    expect(await findKept(before)).toBe(4);

    expect((await approve(daemon, 'cafecafe')).code).toBe(3);
    await sleep(settleMs);
    expect(await findKept(before)).toBe(4);
    const plan = await runCommand(['plan'], { ...env, ...settingsOf(world) });
    expect(plan.stdout).toMatch(
      /create-container .*\n[^]*\[after it is approved\]\n[^]*blocked: not replaced: /,
    );

    expect(await approve(daemon, token)).toMatchObject({ code: 0 });
    await daemon.converged(first, ...names);
    expect(await findKept(before)).toBe(0);

    // Another change is another matter, whatever has been approved.
    const replaced = await live.ids();
    await moveTo(1);
    await daemon.reconcile();
    const again = await untilAllAsked(daemon, names, 5);
    expect(again.token).not.toBe(token);
    await approve(daemon, token);
    await sleep(settleMs);
    expect(await live.ids()).toEqual(replaced);

    // What Git asks for is asked by nobody.
    const second = await commit(world, ofAll(service('\n    environment: { AT: second }')));
    await daemon.reconcile();
    await daemon.converged(second, ...names);
    expect(await findKept(replaced)).toBe(0);
  } finally {
    await live.clean();
    await requestEngine(live.host, 'DELETE', `/images/${image}`);
  }
});

/** Each names what was known when it was looked at; the one that names most, once so many are held. */
async function untilAllAsked(
  daemon: TestDaemon,
  names: readonly string[],
  wanted: number,
): Promise<{ readonly stack: string; readonly token: string }> {
  let last: readonly StackView[] = [];
  await eventually(
    async () => {
      const found = await Promise.all(names.map((name) => daemon.stack(name)));
      last = found.filter((each) => each !== undefined);
      const held = last.filter(({ ready }) => ready.reason === 'MassChange');
      if (held.length !== wanted) return false;
      // All of them have looked since the last was stopped: they name the same.
      if (new Set(held.map(({ ready }) => toToken(ready))).size === 1) return true;
      await daemon.reconcile();
      await sleep(500);
      return false;
    },
    40_000,
    () => `not all are held: ${JSON.stringify(last.map(({ name, ready }) => [name, ready]))}`,
  );
  const held = last.find(({ ready }) => ready.reason === 'MassChange');
  return { stack: held?.name ?? '', token: held === undefined ? '' : toToken(held.ready) };
}
