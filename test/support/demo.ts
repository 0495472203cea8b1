// `make demo`: the example state repo, the daemon, and an engine to run it on. With ONCE=1 it ends when all has
// converged: 0, or 1 with the reasons.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DesiredApp } from '#domain/desired.ts';
import { canPull, openDemoEngine, readEngineVersion } from './demo-engine.ts';
import { demo, ensureDemoRepo, findRunningDemo, readDemoMemory, writeDemoMemory } from './demo-place.ts';
import { type DemoView, hasConverged, listReasons, watchStacks } from './demo-watch.ts';
import { findFreePort } from './free-port.ts';
import { findImageId } from './images.ts';
import { findMissingImages, listImages, loadAppsOf, loadStandInsFor } from './stand-ins.ts';

const patienceMs = 300_000;
const isOnce = process.env['ONCE'] === '1';
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const running = findRunningDemo();
  if (running !== undefined) {
    print(`The demo is running already, as process ${running}.`);
    return 1;
  }
  await ensureDemoRepo();
  await writeFile(demo.pidFile, String(process.pid));
  const apps = await loadAppsOf(demo.clone);
  const host = await prepareEngine(apps);
  const url = `http://127.0.0.1:${await findFreePort()}`;
  print(
    `State repo  ${short(demo.repo)}, made from ${short(demo.examples)}; its clone is ${short(demo.clone)}`,
  );
  print(`Daemon      ${url}, log in ${short(demo.log)}\n`);
  const daemon = startDaemon(host, url);
  try {
    return await follow(daemon, { apps, host, url });
  } finally {
    await stopDaemon(daemon);
    await rm(demo.pidFile, { force: true });
    print('\nThe daemon has ended. What it started runs on: `make demo` goes on with it,');
    print('`make demo-clean` removes every trace.');
  }
}

async function prepareEngine(apps: readonly DesiredApp[]): Promise<string> {
  const engine = await openDemoEngine();
  const { host } = engine;
  const standIns = { ...readDemoMemory()?.standIns };
  await writeDemoMemory({ engine, standIns });
  const whose = engine.directory === undefined ? 'yours' : 'a private one';
  print(`Engine      Docker ${await readEngineVersion(host)}, ${whose}: ${host}`);
  const missing = await findMissingImages(host, listImages(apps));
  const reachable = await Promise.all(missing.map((image) => canPull(host, image)));
  const names = missing.filter((_, index) => !reachable[index]);
  if (names.length === 0) return host;
  await loadStandInsFor(host, apps, names);
  for (const name of names) standIns[name] = (await findImageId(host, name)) ?? '';
  await writeDemoMemory({ engine, standIns });
  print(`Images      cannot be pulled here, so a small BusyBox web server stands in: ${names.join(', ')}`);
  return host;
}

function startDaemon(host: string, url: string): ChildProcess {
  const log = openSync(demo.log, 'w');
  const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith('SHOREFAST_'));
  const daemon = spawn(process.execPath, [join(demo.root, 'src/app/main.ts'), 'run'], {
    stdio: ['ignore', log, log],
    env: {
      ...Object.fromEntries(foreign),
      SHOREFAST_REPO__URL: demo.repo,
      SHOREFAST_REPO__INTERVAL: '2s',
      SHOREFAST_OWNER: demo.owner,
      SHOREFAST_DATA_DIRECTORY: demo.data,
      SHOREFAST_DOCKER__HOST: host,
      SHOREFAST_API__PORT: new URL(url).port,
    },
  });
  closeSync(log);
  return daemon;
}

type Running = { readonly apps: readonly DesiredApp[]; readonly host: string; readonly url: string };

async function follow(daemon: ChildProcess, running: Running): Promise<number> {
  const names = running.apps.flatMap((app) => app.stacks.map((stack) => stack.name));
  const startedMs = performance.now();
  const ended = new AbortController();
  const failed = once(daemon, 'exit').then(() => ended.abort());
  let last: DemoView | undefined;
  let isSettled = false;
  const patience = setTimeout(() => {
    if (isSettled) return;
    print(`\nNot converged after ${patienceMs / 60_000} minutes:`);
    for (const reason of listReasons(last, names)) print(`  ${reason}`);
    if (isOnce) ended.abort();
  }, patienceMs);
  await watchStacks(running.url, {
    print: (line) => print(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${line}`),
    seen: (view) => {
      last = view;
      if (isSettled || !hasConverged(view, names)) return;
      isSettled = true;
      print(`\nEverything has converged: ${names.join(', ')}.`);
      if (isOnce) ended.abort();
      else printWhatToTry(running);
    },
    signal: AbortSignal.any([stopping.signal, ended.signal]),
  });
  clearTimeout(patience);
  // Ctrl-C reaches the daemon as well, which then may be the first to end.
  if (daemon.exitCode !== null && !stopping.signal.aborted) {
    await failed;
    print(`\nThe daemon ended by itself (${daemon.exitCode}). The end of its log:`);
    print(readFileSync(demo.log, 'utf8').split('\n').slice(-8).join('\n'));
    return 1;
  }
  return isSettled || !isOnce ? 0 : 1;
}

function printWhatToTry({ apps, host, url }: Running): void {
  const stack = apps.flatMap((app) => app.stacks).find(({ drift }) => drift === 'heal');
  const container = stack?.services[0]?.containerNames[0] ?? '';
  const program = `${process.execPath} ${join(demo.root, 'src/app/main.ts')}`;
  print(`
Try in another terminal, and watch here:

  cd ${demo.clone}
  $EDITOR ${apps[0]?.directory ?? 'apps'}/app.yaml       # change a variable
  git commit -am 'Try something' && git push              # seen within 2 s

  export DOCKER_HOST=${host}
  docker ps                                               # what runs
  docker rm -f ${container.padEnd(20)}                       # comes back at once

  ${program} status --api-url ${url}
  curl ${url}/metrics

Ctrl-C ends the daemon.
`);
}

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exit = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const timer = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
  await exit;
  clearTimeout(timer);
}

function short(path: string): string {
  return relative(demo.root, path);
}

process.exitCode = await main();
