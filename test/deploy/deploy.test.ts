import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '#adapters/metrics/metrics.ts';
import { loadSettings } from '#app/settings/load-settings.ts';
import { formatProblems, loadOnlyApp, openPolicy } from '#test/support/manifest-input.ts';

// What stands in deploy/ has to fit the program. That Prometheus takes its files is in e2e/prometheus.test.ts.

const directory = join(import.meta.dirname, '../../deploy');

type ComposeService = { volumes?: string[]; environment?: Record<string, string> } & Record<string, unknown>;
type Compose = { services: Record<string, ComposeService> } & Record<string, unknown>;

function readCompose(): Compose {
  return parse(readFileSync(join(directory, 'compose.yaml'), 'utf8')) as Compose;
}

it('the Compose file says what the Compose reader understands', async () => {
  const { name: _, ...compose } = readCompose();
  for (const service of Object.values(compose.services)) {
    // A state repo has no directory on the host beside its files.
    service.volumes = service.volumes?.map((volume) => volume.replace(/^\.\//, '/srv/')) ?? [];
  }
  const files = {
    'compose.yaml': JSON.stringify(compose),
    '.env': 'REPO_URL=https://git.example.com/x.git\nDOCKER_GID=999\n',
  };

  const app = await loadOnlyApp(files, openPolicy);

  expect(formatProblems(app.problems)).toBe('');
  expect(app.stacks[0]?.services.map((service) => service.name)).toEqual(['prometheus', 'shorefast']);
});

it('every file that it mounts is here, but for the secret', () => {
  const volumes = Object.values(readCompose().services).flatMap((service) => service.volumes ?? []);
  const files = volumes.flatMap((volume) => /^\.\/([^:]+):/.exec(volume)?.[1] ?? []);

  expect(files.filter((file) => !existsSync(join(directory, file)))).toEqual(['token']);
});

it('the settings it gives, and those of the example file, are settings', async () => {
  const environment = readCompose().services['shorefast']?.environment ?? {};
  const contents: Record<string, string> = {
    '/etc/shorefast.yaml': readFileSync(join(directory, 'shorefast.yaml'), 'utf8'),
    '/run/secrets/token': '',
  };
  const env = { ...environment, SHOREFAST_REPO__URL: 'https://git.example.com/x.git' };

  const { settings, entries } = await loadSettings({
    flags: {},
    env,
    readFile: (path) => Promise.resolve(contents[path] ?? ''),
  });

  expect(settings.api.host).toBe('0.0.0.0');
  expect(settings.policy.allowedBindPaths).toEqual(['/srv', '/etc/localtime']);
  expect(entries.filter(({ source }) => source.kind === 'file').length).toBeGreaterThan(5);
});

it('the alerts ask for metrics that there are', async () => {
  const { body } = await createMetrics({ version: '0', revision: '0' }).text();
  const known = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]));
  const alerts = readFileSync(join(directory, 'alerts.yml'), 'utf8');

  const asked = [...alerts.matchAll(/\bshorefast_\w+/g)].map(([metric]) => metric);

  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
});
