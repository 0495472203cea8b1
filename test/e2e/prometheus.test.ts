import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensurePrograms, findProgram } from '#test/support/debian-packages.ts';
import { findFreePort } from '#test/support/free-port.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// A real Prometheus on a real daemon that has a stack on a real engine.

let world: World;
let daemon: TestDaemon;
let directory: string;
let prometheus: ChildProcess | undefined;
let url: string;

beforeAll(async () => {
  await ensurePrograms({ prometheus: 'prometheus', promtool: 'prometheus' });
  world = await openWorld();
  daemon = await world.start();
  const commit = await world.repo.commit({
    [`apps/${world.app}/compose.yaml`]: composeFile({ web: webService() }),
  });
  await daemon.reconcile();
  await daemon.converged(commit, world.app);
  directory = await mkdtemp(join(tmpdir(), 'shorefast-prometheus-'));
  url = await startPrometheus(new URL(daemon.url).host);
});

afterAll(async () => {
  if (prometheus?.exitCode === null) {
    prometheus.kill('SIGTERM');
    await once(prometheus, 'exit');
  }
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  await world[Symbol.asyncDispose]();
});

it('scrapes the daemon as up, and stores its series', async () => {
  await eventually(async () => (await query('up{job="shorefast"}'))[0]?.value === '1');

  const converged = await query(`shorefast_reconcile_total{stack="${world.app}",result="converged"}`);
  const state = await query(`shorefast_stack_sync_state{stack="${world.app}"} == 1`);
  const fetches = await query('shorefast_source_last_fetch_timestamp_seconds');

  expect(Number(converged[0]?.value)).toBeGreaterThan(0);
  expect(state.map(({ metric }) => metric['state'])).toEqual(['synced']);
  expect(Number(fetches[0]?.value)).toBeGreaterThan(Date.now() / 1000 - 300);
});

it.each(['text/plain', 'application/openmetrics-text;version=1.0.0'])(
  'offers %s in its own dialect',
  async (accept) => {
    const response = await fetch(`${daemon.url}/metrics`, { headers: { accept } });

    expect(response.headers.get('content-type')).toContain(accept.split(';')[0]);
    expect((await response.text()).trimEnd().endsWith('# EOF')).toBe(accept.startsWith('application/'));
  },
);

it('promtool finds nothing to complain of in the live metrics', async () => {
  const input = await (await fetch(`${daemon.url}/metrics`)).text();

  const check = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], { input, encoding: 'utf8' });

  expect(input).toContain(`shorefast_stack_info{stack="${world.app}"`);
  expect(`${check.stdout}${check.stderr}`).toBe('');
  expect(check.status).toBe(0);
});

it('the configuration and the alerts that are shipped are valid', () => {
  const file = join(import.meta.dirname, '../../deploy/prometheus.yml');

  const check = spawnSync(findProgram('promtool') ?? '', ['check', 'config', file], { encoding: 'utf8' });

  expect(check.stdout).toMatch(/\d+ rules found/);
  expect(check.stderr).toBe('');
  expect(check.status).toBe(0);
});

async function startPrometheus(target: string): Promise<string> {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'shorefast', static_configs: [{ targets: [target] }] }],
  };
  // JSON is YAML.
  await writeFile(join(directory, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await findFreePort()}`;
  const args = [
    `--config.file=${join(directory, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`,
  ];
  prometheus = spawn(findProgram('prometheus') ?? '', args, { stdio: 'ignore' });
  await eventually(async () => (await fetch(`http://${address}/-/ready`)).ok);
  return `http://${address}`;
}

type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: string };

async function query(expression: string): Promise<readonly Sample[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  const { data } = (await response.json()) as {
    data: { result: readonly { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => ({ metric, value: value[1] }));
}
