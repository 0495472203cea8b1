import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import type { StackView } from '#contract/status.ts';
import { buildBundle } from '#test/support/build-bundle.ts';
import { requestEngine } from '#test/support/engine-request.ts';
import { loadForeignImage, removeImages } from '#test/support/images.ts';
import { type InspectedContainer, inspectContainers } from '#test/support/inspect-containers.ts';
import { type RecordingProxy, startRecordingProxy } from '#test/support/recording-proxy.ts';
import { startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

type BadVersion = {
  readonly name: string;
  /** Lines of the service, beside those of a good one; an `image:` takes the place of the good one. */
  readonly lines: () => readonly string[];
  /** What `Ready` says, the last words that are told of it. */
  readonly reason: string;
  readonly message: RegExp;
  /** How often a container of it is made. */
  readonly creates: number;
  /** It serves for a while before it fails, so that the old one has been stopped by then. */
  readonly servesFirst?: boolean;
  /** It cannot stand beside another one. */
  readonly onlyStopFirst?: boolean;
};

// What dies within `minReady` is not ready: long enough for a busy machine to run out of memory.
const patientFleet = JSON.stringify({
  apiVersion: 'shorefast/v1',
  kind: 'Fleet',
  spec: { defaults: { rollout: { drain: '0s', minReady: '2s', deadline: '20s' } } },
});
const foreignImage = 'shorefast-test/foreign:1';
const script = (text: string) => `command: ["sh", "-c", ${JSON.stringify(text)}]`;
const serve = "trap 'exit 0' TERM; httpd -f -p 8080 -h /www &";

const badVersions: readonly BadVersion[] = [
  {
    name: 'an image that is not there',
    lines: () => [`image: ${registry.address}/web:never-pushed`],
    reason: 'ImageNotFound',
    message: /never-pushed/,
    creates: 0,
  },
  {
    name: 'a program for another processor',
    lines: () => [`image: ${foreignImage}`],
    reason: 'Held',
    // What the kernel says to that, only the log has.
    message: /exit code 1/,
    creates: 1,
  },
  {
    name: 'a program that is not there',
    lines: () => ['command: ["/no/such/program"]'],
    reason: 'Held',
    message: /no such file/,
    creates: 1,
  },
  {
    name: 'one that exits at once',
    lines: () => [script('exit 3')],
    reason: 'Held',
    message: /exit code 3/,
    creates: 1,
  },
  {
    name: 'one that exits after some seconds',
    lines: () => [script(`${serve} sleep 6 & wait $$!; exit 4`)],
    reason: 'Held',
    message: /exit code 4/,
    creates: 1,
    servesFirst: true,
  },
  {
    name: 'one that never becomes healthy',
    lines: () => [
      'healthcheck: { test: ["CMD-SHELL", "echo no database; exit 1"], interval: 300ms, retries: 2 }',
    ],
    reason: 'Held',
    message: /unhealthy: no database/,
    creates: 1,
  },
  {
    name: 'a port that a process outside the engine has',
    lines: () => [`ports: ["127.0.0.1:${takenPort}:8080"]`],
    reason: 'Held',
    message: /address already in use/,
    creates: 1,
    onlyStopFirst: true,
  },
  {
    name: 'one that takes more memory than it may',
    lines: () => ['mem_limit: 12m', script('x=0123456789; while true; do x=$$x$$x; done')],
    reason: 'Held',
    message: /lack of memory/,
    creates: 1,
  },
];

/** Of two orders; a volume that both would write to forces the second. */
const orders = { 'start-first': [], 'stop-first': ['volumes: ["data:/data"]'] } as const;
const cases = Object.entries(orders).flatMap(([order, more]) =>
  badVersions
    .filter((bad) => order === 'stop-first' || bad.onlyStopFirst !== true)
    .map((bad) => ({ ...bad, order, more, title: `${bad.name}, ${order}` })),
);
type Case = (typeof cases)[number];

/** Printed at the end: how long the old one was away, by the engine's own account. */
const figures: string[] = [];
let program = '';
let registry: TestRegistry;
let takenPort = 0;
const squatter = createServer();

beforeAll(async () => {
  program = await buildBundle();
  registry = await startRegistry();
  await loadForeignImage(inject('engine').host, foreignImage);
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  takenPort = typeof address === 'object' ? (address?.port ?? 0) : 0;
});

afterAll(async () => {
  squatter.close();
  await registry.close();
  await removeImages(inject('engine').host, [foreignImage]);
  process.stdout.write(`\nBad versions:\n${figures.toSorted().join('\n')}\n`);
});

describe.concurrent('a bad version is undone, told and not tried again; the next good one goes through', () => {
  it.for(cases)('$title', { timeout: 120_000 }, async (bad, { expect }) => {
    await using world = await openWorld();
    await using proxy = await startRecordingProxy(world.engine.host);
    const daemon = await world.start({ engineHost: proxy.host, program });
    await deliver(world, daemon, toFile(bad, ['environment: { AT: first }']));
    await untilProbed(world);
    const before = await findWeb(world);
    proxy.reset();

    const commit = await commitFile(world, toFile(bad, bad.lines(), 'shorefast-test/web:2'));
    await daemon.reconcile();
    const ready = await untilRefused(daemon, world.app, { commit, reason: bad.reason });
    const { after, creates } = await untilQuiet(world, proxy);
    const answers = await readAnswers(world);

    expect(ready).toMatchObject({ status: 'False', message: expect.stringMatching(bad.message) });
    expect(creates).toBe(bad.creates);
    expect(after.map(format)).toEqual([format(before)]);
    const isKept = bad.creates === 0 || (bad.order === 'start-first' && bad.servesFirst !== true);
    expect(after[0]?.startedAt === before.startedAt).toBe(isKept);
    // A program that is not ready is never found, and the old one answers all the time.
    expect(isKept ? answers.filter((answer) => answer !== 'web 1') : []).toEqual([]);
    // Stop-first, there is nobody else whom anybody could find.
    const isFound = bad.servesFirst === true || bad.order === 'stop-first';
    expect(isFound ? [] : answers.filter((answer) => answer === 'web 2')).toEqual([]);
    figures.push(`  ${bad.title}: ${isKept ? `served on (${answers.length} answers)` : formatGap(after[0])}`);

    const startedAtMs = performance.now();
    await deliver(world, daemon, toFile(bad, ['environment: { AT: third }']));
    expect((await findWeb(world)).env).toContain('AT=third');
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  });
});

/** `probe` asks for `web` by its name again and again, as another service of the stack would, and prints what it gets. */
function toFile({ more }: Case, lines: readonly string[], image = 'shorefast-test/web:1'): string {
  // BusyBox's static wget ends with a segmentation fault. The last word that nslookup prints is an address.
  const find = 'for word in $$(nslookup -type=a web 127.0.0.11); do ip=$$word; done';
  const ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 $$ip 8080 | grep '^web' || echo LOST";
  return composeFile(
    {
      web: [
        ...(lines.some((line) => line.startsWith('image:')) ? [] : [`image: ${image}`]),
        'restart: unless-stopped',
        ...more,
        ...lines,
      ]
        .map((line) => `    ${line}`)
        .join('\n'),
      probe: webService({ more: ['tty: true', script(`while true; do ${find}; ${ask}; sleep 0.1; done`)] }),
    },
    'volumes: { data: {} }\n',
  );
}

function commitFile({ repo, app }: World, text: string): Promise<string> {
  return repo.commit({ [`apps/${app}/compose.yaml`]: text, 'fleet.yaml': patientFleet });
}

async function deliver(world: World, daemon: TestDaemon, text: string): Promise<void> {
  const commit = await commitFile(world, text);
  await daemon.reconcile();
  await daemon.converged(commit, world.app);
}

/** On the way there, steps fail and are tried again: a container that crashes all the time is hard to get hold of. */
async function untilRefused(
  daemon: TestDaemon,
  stack: string,
  { commit, reason }: { readonly commit: string; readonly reason: string },
): Promise<StackView['ready']> {
  let last: StackView | undefined;
  await eventually(
    async () => {
      last = await daemon.stack(stack);
      return last?.revision.endsWith(commit) === true && last.ready.reason === reason;
    },
    30_000,
    () => `not refused: ${JSON.stringify(last?.ready)}`,
  );
  if (last === undefined) throw new Error(`there is no stack ${stack}`);
  return last.ready;
}

const quietMs = 4000;

/** What stands, and how many containers have been made, after a time in which another attempt would have been made. */
async function untilQuiet(world: World, proxy: RecordingProxy) {
  await sleep(quietMs);
  const after = (await inspectContainers(world.live)).filter(({ name }) => name.includes('-web-'));
  const creates = proxy.mutations().filter(({ path }) => path === '/containers/create').length;
  return { after, creates };
}

async function findWeb(world: World): Promise<InspectedContainer> {
  const found = (await inspectContainers(world.live)).find(({ name }) => name === `${world.app}-web-1`);
  if (found === undefined) throw new Error('there is no web');
  return found;
}

async function untilProbed(world: World): Promise<void> {
  await eventually(async () => (await readAnswers(world)).includes('web 1'), 10_000);
}

/** What the probe got, from its first answer on. */
async function readAnswers({ live, app }: World): Promise<readonly string[]> {
  const { body } = await requestEngine(live.host, 'GET', `/containers/${app}-probe-1/logs?stdout=1`);
  const lines = body.split(/\r?\n/).filter((line) => line !== '');
  return lines.slice(Math.max(0, lines.indexOf('web 1')));
}

function format({ id, name, status, restartPolicy }: InspectedContainer): string {
  return `${name} ${status} ${restartPolicy} ${id}`;
}

/** From its end to its new start. */
function formatGap(container: InspectedContainer | undefined): string {
  if (container === undefined) return 'gone';
  const gapMs = Date.parse(container.startedAt) - Date.parse(container.finishedAt);
  return `back after ${(gapMs / 1000).toFixed(1)} s`;
}
