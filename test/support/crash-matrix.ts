// Kills the real daemon at every call by which a replacement changes the engine, starts it again, and looks at
// what has become of the containers.
import { askEngine, requestEngine } from './engine-request.ts';
import { type InspectedContainer, inspectContainers } from './inspect-containers.ts';
import { type RecordedCall, type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';
import { eventually, type TestDaemon } from './test-daemon.ts';
import { openWorld, type World } from './world.ts';

/** Before the engine has the call, while it works at it, after it is done and before the answer is passed on. */
export const moments = ['before', 'during', 'after'] as const;
export type Moment = (typeof moments)[number];

/** One way in which version after version is delivered; `goal` is what becomes of all but the first. */
export type Scenario = {
  readonly name: string;
  readonly goal: 'converged' | 'held';
  /** Deployed and replaced before the first crash. */
  readonly good: (version: string) => string;
  /** What is delivered while the daemon is killed. */
  readonly next: (version: string) => string;
  readonly moments: readonly Moment[];
};

export type CrashPoint = {
  /** From 1: the how-manieth changing call of the rollout. */
  readonly call: number;
  /** `POST create`, `POST stop`, … */
  readonly what: string;
  readonly moment: Moment;
  /** From the kill to the goal, with the start of the daemon. */
  readonly recoveryMs: number;
  readonly createsAfterwards: number;
};

/** What stood before the crash, and what stands after the recovery from it. */
export type Recovered = {
  readonly world: World;
  /** What was delivered meanwhile. */
  readonly version: string;
  readonly point: CrashPoint;
  readonly before: readonly InspectedContainer[];
  readonly after: readonly InspectedContainer[];
};

// Far more than any replacement takes; a rollout that never ends its calls must not hang the run.
const maxCalls = 40;
const goalTimeoutMs = 40_000;

/** Runs the whole row of one scenario, a crash at a time, until a rollout has fewer calls than that. */
export async function* runCrashScenario(scenario: Scenario, program: string): AsyncGenerator<Recovered> {
  await using world = await openWorld();
  await using proxy = await startRecordingProxy(world.engine.host);
  await using bystander = await createBystander(world);
  const start = () => world.start({ engineHost: proxy.host, program });
  let daemon = await start();
  for (const version of ['first', 'second']) {
    const commit = await commitVersion(world, scenario.good(version));
    await daemon.reconcile();
    await untilGoal(daemon, world.app, commit, 'converged');
  }
  for (let call = 1; call <= maxCalls; call += 1) {
    for (const moment of scenario.moments) {
      const version = `${call}-${moment}`;
      const before = await inspectContainers(world.live);
      const crash = await crashAt({ world, proxy, daemon }, { call, moment, scenario, version });
      if (crash === undefined) return;
      proxy.reset();
      daemon = await start();
      await untilGoal(daemon, world.app, crash.commit, scenario.goal);
      const recoveryMs = performance.now() - crash.atMs;
      await bystander.check();
      const after = await inspectContainers(world.live);
      const createsAfterwards = proxy.mutations().filter(({ path }) => path === '/containers/create').length;
      const point = { call, what: formatCall(crash.call), moment, recoveryMs, createsAfterwards };
      yield { world, version, point, before, after };
    }
  }
  throw new Error(`${scenario.name}: more than ${maxCalls} calls`);
}

type Crash = { readonly call: RecordedCall; readonly commit: string; readonly atMs: number };
type Place = { readonly world: World; readonly proxy: RecordingProxy; readonly daemon: TestDaemon };
type Aim = {
  readonly call: number;
  readonly moment: Moment;
  readonly scenario: Scenario;
  readonly version: string;
};

/** Undefined when the rollout was at its end before that call. */
async function crashAt({ world, proxy, daemon }: Place, aim: Aim): Promise<Crash | undefined> {
  let seen = 0;
  let hit: RecordedCall | undefined;
  let atMs = 0;
  proxy.reset();
  proxy.addFault({
    kind: { before: 'refuse', during: 'leave', after: 'lose' }[aim.moment] as 'refuse' | 'leave' | 'lose',
    times: 1,
    matches: (call) => {
      if (call.method === 'GET' || call.method === 'HEAD') return false;
      seen += 1;
      if (seen === aim.call) hit = call;
      return seen === aim.call;
    },
    strike: () => {
      atMs = performance.now();
      process.kill(daemon.pid, 'SIGKILL');
    },
  });
  const { goal, next } = aim.scenario;
  const commit = await commitVersion(world, next(aim.version));
  await daemon.reconcile();
  await eventually(
    async () => atMs > 0 || (await hasGoal(daemon, world.app, commit, goal)),
    goalTimeoutMs,
    () => `neither killed nor ${goal}: ${aim.scenario.name} ${aim.version}`,
  );
  if (hit === undefined) return undefined;
  await daemon.end('SIGKILL');
  return { call: hit, commit, atMs };
}

function commitVersion({ repo, app }: World, text: string): Promise<string> {
  return repo.commit({ [`apps/${app}/compose.yaml`]: text, 'fleet.yaml': quickFleet });
}

async function hasGoal(daemon: TestDaemon, stack: string, commit: string, goal: string): Promise<boolean> {
  const found = await daemon.stack(stack);
  return found?.revision.endsWith(commit) === true && found.result === goal;
}

function untilGoal(daemon: TestDaemon, stack: string, commit: string, goal: string): Promise<void> {
  return eventually(
    () => hasGoal(daemon, stack, commit, goal),
    goalTimeoutMs,
    () => `not ${goal} at ${commit}\n${daemon.output().split('\n').slice(-12).join('\n')}`,
  );
}

/** Nothing of ours, with a name and a volume that look like it. */
async function createBystander({ app, engine }: World) {
  const { host } = engine;
  const volume = `${app}-bystander`;
  await askEngine(host, 'POST', '/volumes/create', { Name: volume });
  const { Id: id } = await askEngine<{ Id: string }>(
    host,
    'POST',
    `/containers/create?name=${app}-bystander-1`,
    {
      Image: 'shorefast-test/web:1',
      HostConfig: { Binds: [`${volume}:/data`], RestartPolicy: { Name: 'always' } },
    },
  );
  await askEngine(host, 'POST', `/containers/${id}/start`);
  const look = async () => {
    const { Name, State } = await askEngine<{ Name: string; State: unknown }>(
      host,
      'GET',
      `/containers/${id}/json`,
    );
    await askEngine(host, 'GET', `/volumes/${volume}`);
    return JSON.stringify({ Name, State });
  };
  const before = await look();
  return {
    async check() {
      const now = await look();
      if (now !== before) throw new Error(`a container of somebody else was touched: ${before} → ${now}`);
    },
    async [Symbol.asyncDispose]() {
      await requestEngine(host, 'DELETE', `/containers/${id}?force=1&v=1`);
      await requestEngine(host, 'DELETE', `/volumes/${volume}`);
    },
  };
}

/** `POST /containers/3f…/stop` is shown as `stop`. */
function formatCall({ method, path }: RecordedCall): string {
  const action = path.split('/').at(-1) ?? '';
  return method === 'DELETE' ? 'remove' : action;
}

/** Short times, so that a whole replacement takes about as long as its calls. */
export const quickFleet = JSON.stringify({
  apiVersion: 'shorefast/v1',
  kind: 'Fleet',
  spec: { defaults: { rollout: { drain: '0s', minReady: '300ms', deadline: '20s' } } },
});
