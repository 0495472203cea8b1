import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generationLabel } from '#domain/labels.ts';
import { buildBundle } from '#test/support/build-bundle.ts';
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

const well: readonly string[] = [];
const sick = ['healthcheck: { test: ["CMD", "false"], interval: 200ms, timeout: 1s, retries: 2 }'];
const checked = ['healthcheck: { test: ["CMD", "true"], interval: 500ms, timeout: 1s }'];
const volume = ['volumes: ["data:/data"]'];
const [onePort, otherPort] = (await findFreePorts(2)).map((port) => [`ports: ["127.0.0.1:${port}:8080"]`]);

// Two replicas make twice the calls of one, and little that is new: two thirds of them are for longer runs.
const isWhole = process.env['SHOREFAST_TEST_CRASHES'] === 'all';

const scenarios: readonly Scenario[] = [
  {
    ...toScenario('start-first, 2 replicas, good', well, ['deploy: { replicas: 2 }']),
    moments: isWhole ? moments : ['after'],
  },
  toScenario('start-first, good', checked),
  toScenario('start-first, never healthy', sick),
  toScenario('stop-first (volume), never healthy', sick, volume),
  toScenario('stop-first (host port), never healthy', sick, onePort),
  toScenario('stop-first (volume), good', well, volume),
  toScenario('stop-first (host port), good', well, otherPort),
];

function toScenario(name: string, health: readonly string[], more: readonly string[] = []): Scenario {
  const toFile = (version: string, lines: readonly string[]) =>
    composeFile(
      {
        web: webService({ environment: { AT: version }, more: [...lines, ...more] }),
        // Somebody else in the stack: it must not find a candidate before that is ready.
        api: webService(),
      },
      'volumes: { data: {} }\n',
    );
  return {
    name,
    goal: health === sick ? 'held' : 'converged',
    good: (version) => toFile(version, health === sick ? well : health),
    next: (version) => toFile(version, health),
    moments,
  };
}

/** Those that came to their end. */
const rows: { readonly name: string; readonly points: readonly CrashPoint[] }[] = [];

let program = '';
beforeAll(async () => {
  program = await buildBundle();
});

describe.concurrent('killed at any call that changes the engine, and started again, it converges', () => {
  it.for(scenarios)('$name', { timeout: 400_000 }, async (scenario, { expect: expectHere }) => {
    const points = await runCrashScenario({ scenario, program }, (recovered) =>
      checkRecovery(scenario, recovered),
    );

    rows.push({ name: scenario.name, points });
    // Less than that, and the kills did not meet the rollout.
    expectHere(points.length).toBeGreaterThanOrEqual(5 * scenario.moments.length);
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

/** A line for each scenario with its slowest recovery, and below it its calls in order. */
function formatMatrix(): string {
  const lines = rows
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, points }) => {
      const calls = points.filter(({ moment }) => moment === 'after').map(({ what }) => what);
      const slowestMs = Math.max(...points.map(({ recoveryMs }) => recoveryMs));
      return `${name}: ${points.length} crash points, all converged, the slowest in ${(slowestMs / 1000).toFixed(1)} s\n    ${calls.join(' · ')}`;
    });
  const total = rows.reduce((sum, { points }) => sum + points.length, 0);
  return `\nCrash matrix: ${total} crash points in ${rows.length} of ${scenarios.length} scenarios, killed ${moments.join(', ')} the call\n${lines.join('\n')}\n`;
}
