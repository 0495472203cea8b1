import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { formatProblems, loadState } from '#test/support/manifest-input.ts';

const root = join(import.meta.dirname, '../../examples/desired-state');

function readExamples(): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(root, path), readFileSync(path, 'utf8')];
    }),
  );
}

it('the example state repo loads without any problem, under the strictest policy', async () => {
  const { apps } = await loadState(readExamples());

  expect(formatProblems(apps.flatMap(({ problems }) => problems))).toBe('');
  expect(apps.flatMap(({ stacks }) => stacks.map(({ name }) => name))).toEqual([
    'clock',
    'launcher-dev',
    'launcher-prod',
    'mosquitto',
  ]);
});

it('the stages of the launcher differ in tag, port and drift', async () => {
  const { apps } = await loadState(readExamples());
  const stacks = apps.find(({ name }) => name === 'launcher')?.stacks ?? [];

  const facts = stacks.map(({ name, drift, networks, services }) => ({
    name,
    drift,
    networks: networks.map((network) => [network.name, network.shared]),
    image: services[0]?.spec.image,
    hostPort: services[0]?.spec.ports[0]?.hostPort,
    greeting: services[0]?.spec.environment['GREETING'],
  }));

  expect(facts).toEqual([
    {
      name: 'launcher-dev',
      drift: 'warn',
      networks: [
        ['launcher-dev_default', false],
        ['shorefast', true],
      ],
      image: 'nginx:1.27',
      hostPort: '18080',
      greeting: 'Hello',
    },
    {
      name: 'launcher-prod',
      drift: 'heal',
      networks: [
        ['launcher-prod_default', false],
        ['shorefast', true],
      ],
      image: 'nginx:1.26',
      hostPort: '18081',
      greeting: 'Welcome',
    },
  ]);
});
