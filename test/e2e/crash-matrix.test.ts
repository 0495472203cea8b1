import { afterAll, describe, expect, it } from 'vitest';
import { generationLabel } from '#domain/labels.ts';
import {
  type CrashPoint,
  moments,
  type Recovered,
  runCrashScenario,
  type Scenario,
} from '#test/support/crash-matrix.ts';
import { findFreePorts } from '#test/support/free-port.ts';
import type { InspectedContainer } from '#test/support/inspect-containers.ts';
import { composeFile, webService } from '#test/support/world.ts';

const sick = ['healthcheck: { test: ["CMD", "false"], interval: 200ms, timeout: 1s, retries: 2 }'];
const well = ['healthcheck: { test: ["CMD", "true"], interval: 300ms, timeout: 1s, retries: 2 }'];
const [port] = await findFreePorts(1);

/** What makes two of them side by side impossible, or not. */
const ways = {
  'start-first': [],
  'start-first, 2 replicas': ['deploy: { replicas: 2 }'],
  'stop-first (volume)': ['volumes: ["data:/data"]'],
  'stop-first (host port)': [`ports: ["127.0.0.1:${port}:8080"]`],
} as const;

const scenarios = Object.entries(ways).flatMap(([way, more]): readonly Scenario[] => {
  const file = (health: readonly string[]) => (version: string) =>
    composeFile(
      {
        web: webService({
          environment: { AT: version },
          more: [...health, ...more],
        }),
        // Somebody else in the stack: a candidate must not be found by it before it is ready.
        api: webService(),
      },
      'volumes: { data: {} }\n',
    );
  return [
    { name: `${way}, good`, goal: 'converged', good: file(well), next: file(well) },
    { name: `${way}, never healthy`, goal: 'held', good: file(well), next: file(sick) },
  ];
});

/** Those that came to their end. */
const rows: { readonly name: string; readonly points: readonly CrashPoint[] }[] = [];

describe.concurrent('killed at any call that changes the engine, and started again, it converges', () => {
  it.for(scenarios)('$name', { timeout: 400_000 }, async (scenario, { expect: expectHere }) => {
    const points = await runCrashScenario(scenario, (recovered) => checkRecovery(scenario, recovered));

    rows.push({ name: scenario.name, points });
    // Less than that, and the kills did not meet the rollout.
    expectHere(points.length).toBeGreaterThanOrEqual(3 * moments.length);
  });

  afterAll(() => {
    process.stdout.write(`${formatMatrix()}\n`);
  });
});

function checkRecovery({ goal, name }: Scenario, recovered: Recovered): void {
  const { version, point, before, after, world } = recovered;
  const at = `${name}, killed ${point.moment} ${point.what} (call ${point.call})`;
  const isWeb = (each: InspectedContainer) => each.name.startsWith(`${world.app}-web-`);
  const replaced = before.filter((each) => isWeb(each) && !isKept(each));

  // A version that failed is forgotten with the process, so one more attempt is made, and only one.
  expect(point.createsAfterwards, at).toBeLessThanOrEqual(replaced.length);
  expect(
    after.filter((each) => !isWeb(each)),
    at,
  ).toEqual(before.filter((each) => !isWeb(each)));
  const web = after.filter(isWeb);
  const names = replaced.map((each) => `${each.name} running unless-stopped`);
  if (goal === 'held') {
    expect(web.map(format), at).toEqual(names);
    const facts = ({ id, startedAt }: InspectedContainer) =>
      name.startsWith('start-first') ? `${id} ${startedAt}` : id;
    expect(web.map(facts), at).toEqual(replaced.map(facts));
    return;
  }
  const kept = replaced.map((each) => `${each.name}--old-${each.id.slice(0, 8)} exited no`);
  expect(web.map(format), at).toEqual([...names, ...kept].toSorted());
  for (const serving of web.filter((each) => !isKept(each))) {
    expect(serving.env, at).toContain(`AT=${version}`);
    const generations = replaced.map(({ labels }) => labels[generationLabel]);
    expect(generations, at).not.toContain(serving.labels[generationLabel]);
  }
}

function isKept({ name }: InspectedContainer): boolean {
  return name.includes('--old-');
}

function format({ name, status, restartPolicy }: InspectedContainer): string {
  return `${name} ${status} ${restartPolicy}`;
}

/** Rows of scenarios, and in each its calls in order with the slowest recovery. */
function formatMatrix(): string {
  const lines = rows
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, points }) => {
      const calls = points.filter(({ moment }) => moment === moments[0]).map(({ what }) => what);
      const slowestMs = Math.max(...points.map(({ recoveryMs }) => recoveryMs));
      return `${name}: ${points.length} crash points, all converged, the slowest in ${(slowestMs / 1000).toFixed(1)} s\n    ${calls.join(' · ')}`;
    });
  const total = rows.reduce((sum, { points }) => sum + points.length, 0);
  return `\nCrash matrix: ${total} crash points in ${rows.length} of ${scenarios.length} scenarios, each call ${moments.join(', ')}\n${lines.join('\n')}\n`;
}
