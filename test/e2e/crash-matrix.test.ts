import { afterAll, beforeAll, describe, it } from 'vitest';
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

// Every call is a crash point. With all scenarios, and killed before and during each call as well, it takes five
// minutes more.
const isWhole = process.env['SHOREFAST_TEST_CRASHES'] === 'all';
const chosen = isWhole ? moments : moments.filter((moment) => moment === 'after');

const scenarios: readonly Scenario[] = [
  toScenario('start-first, good', checked),
  toScenario('start-first, never healthy', sick),
  toScenario('stop-first (host port), never healthy', sick, onePort),
  toScenario('stop-first (volume), good', well, volume),
  ...(isWhole
    ? [
        toScenario('start-first, 2 replicas, good', well, ['deploy: { replicas: 2 }']),
        toScenario('stop-first (volume), never healthy', sick, volume),
        toScenario('stop-first (host port), good', well, otherPort),
      ]
    : []),
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
    moments: chosen,
  };
}

/** Those that came to their end. */
const rows: { readonly name: string; readonly points: readonly CrashPoint[] }[] = [];

let program = '';
beforeAll(async () => {
  program = await buildBundle();
});

describe.concurrent('killed at any call that changes the engine, and started again, it converges', () => {
  it.for(scenarios)('$name', { timeout: 600_000 }, async (scenario, { expect }) => {
    const points: CrashPoint[] = [];

    for await (const recovered of runCrashScenario(scenario, program)) {
      expect(toPicture(recovered)).toEqual(toExpectedPicture(scenario, recovered));
      points.push(recovered.point);
    }

    rows.push({ name: scenario.name, points });
    // Less than that, and the kills did not meet the rollout.
    expect(points.length).toBeGreaterThanOrEqual(5 * scenario.moments.length);
  });

  afterAll(() => {
    process.stdout.write(`${formatMatrix()}\n`);
  });
});

/** What stands afterwards, to be compared; with where it was killed, so that a difference tells that, too. */
function toPicture({ world, point, before, after }: Recovered) {
  const { web, others } = sortOut(world.app, after);
  return {
    at: formatPoint(point),
    others,
    web: web.map((each) => format(each, before)),
    restarted: web.filter((each) => isRestarted(each, before)).map((each) => each.name),
    // A version that failed is forgotten with the process, so one more attempt is made, and only one.
    hasTriedOnce: point.createsAfterwards <= sortOut(world.app, before).serving.length,
  };
}

function toExpectedPicture({ goal, name }: Scenario, { world, version, point, before }: Recovered) {
  const { serving, others } = sortOut(world.app, before);
  const replaced = serving.flatMap((each) => {
    const { id, env } = each;
    return [
      `${each.name} running unless-stopped AT=${version} new`,
      `${each.name}--old-${id.slice(0, 8)} exited no ${formatVersion(env)} ${id}`,
    ];
  });
  const web = goal === 'held' ? serving.map((each) => format(each, before)) : replaced;
  // Start-first, the old one is not touched before its successor has proved itself.
  const isPutBack = goal === 'held' && !name.startsWith('start-first');
  const restarted = isPutBack ? serving.map((each) => each.name) : [];
  return { at: formatPoint(point), others, web: web.toSorted(), restarted, hasTriedOnce: true };
}

function sortOut(app: string, containers: readonly InspectedContainer[]) {
  const web = containers.filter(({ name }) => name.startsWith(`${app}-web-`));
  return {
    web,
    serving: web.filter(({ name }) => !name.includes('--old-')),
    others: containers.filter((each) => !web.includes(each)),
  };
}

/** `<name> <state> <restart policy> <version> <id>`, and `new` for an id and a generation that were not there. */
function format(container: InspectedContainer, before: readonly InspectedContainer[]): string {
  const { id, name, status, restartPolicy, env, labels } = container;
  const isNew = before.every(
    (each) => each.id !== id && each.labels[generationLabel] !== labels[generationLabel],
  );
  return [name, status, restartPolicy, formatVersion(env), isNew ? 'new' : id].join(' ');
}

function isRestarted({ id, startedAt }: InspectedContainer, before: readonly InspectedContainer[]): boolean {
  return before.some((each) => each.id === id && each.startedAt !== startedAt);
}

function formatVersion(env: readonly string[]): string {
  return env.find((each) => each.startsWith('AT=')) ?? '';
}

function formatPoint({ moment, what, call }: CrashPoint): string {
  return `killed ${moment} ${what}, call ${call}`;
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
  return `\nCrash matrix: ${total} crash points in ${rows.length} of ${scenarios.length} scenarios, killed ${chosen.join(', ')} the call\n${lines.join('\n')}\n`;
}
