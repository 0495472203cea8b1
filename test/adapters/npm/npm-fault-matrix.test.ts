import { expect, it } from 'vitest';
import type { HostBody, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import type { NpmFault } from '#test/support/npm/faults.ts';
import {
  deadHost,
  given,
  marker,
  type NpmClientRig,
  proxyHost,
  servedFile,
  startRig,
  stream,
} from './npm-fixture.ts';

// Whatever befalls any one call of a step, a loop that looks again and does what is missing ends with one host,
// as it was asked for, and nginx has it.

const faults: readonly NpmFault[] = [
  { kind: 'refuse' },
  { kind: 'lose' },
  { kind: 'cut' },
  { kind: 'fail', status: 500 },
  { kind: 'fail-done', status: 500 },
  { kind: 'fail', status: 502 },
  { kind: 'fail-done', status: 502 },
  { kind: 'expire' },
];
const mostCalls = 40;
const mostPasses = 6;

const stories: readonly {
  readonly name: string;
  readonly table: string;
  readonly first?: HostBody;
  readonly wanted: HostBody;
}[] = [
  { name: 'making a proxy host', table: 'proxy_host', wanted: proxyHost() },
  { name: 'making a stream', table: 'stream', wanted: stream() },
  {
    name: 'changing a proxy host',
    table: 'proxy_host',
    first: proxyHost(),
    wanted: proxyHost({ forwardPort: 4000 }),
  },
  {
    name: 'changing a 404 host',
    table: 'dead_host',
    first: deadHost(),
    wanted: deadHost({ domains: ['other.test'] }),
  },
];

it.each(stories.flatMap((story) => faults.map((fault) => ({ ...story, fault }))))(
  '$name converges when "$fault.kind" ($fault.status) befalls any of its calls',
  async ({ table, first, wanted, fault }) => {
    await using rig = await startRig({ restartMs: 5 });
    let struck = true;
    for (let skip = 0; struck && skip < mostCalls; skip++) {
      const before = first === undefined ? undefined : await given(rig, first);
      await using client = await rig.again({ clock: fastClock });
      struck = false;
      rig.npm.faults.add({ ...fault, skip, before: () => void (struck = true) });

      const host = await converge(client, wanted);

      rig.npm.faults.clear();
      const seen = await client.observe();
      const file = servedFile(rig, table, host.id) ?? '';
      expect({ skip, id: before?.id, hosts: seen.hosts, isServed: file.includes(toTrait(wanted)) }).toEqual({
        skip,
        id: before?.id,
        hosts: [{ ...host, body: wanted, online: true, marker: { ...marker, generation } }],
        isServed: true,
      });
      await client.run({ kind: 'delete-host', host: { ...host, title: 'x' } });
    }
    expect(struck, 'the last round has to run without a fault').toBe(false);
  },
);

it.each(stories)('$name converges when the client is killed at any of its calls', async (story) => {
  const { table, first, wanted } = story;
  await using rig = await startRig({ restartMs: 5 });
  let struck = true;
  for (let skip = 0; struck && skip < mostCalls; skip++) {
    if (first !== undefined) await given(rig, first);
    await using killed = await rig.again({ clock: fastClock });
    await using heir = await rig.again({ clock: fastClock });
    struck = false;
    // What is under way is done all the same.
    const kill = () => {
      struck = true;
      killed.proxy.close();
    };
    rig.npm.faults.add({ kind: 'none', skip, before: kill });
    await converge(killed, wanted).catch(() => undefined);
    rig.npm.faults.clear();

    const host = await converge(heir, wanted);

    const { hosts } = await heir.observe();
    const file = servedFile(rig, table, host.id) ?? '';
    expect({ skip, hosts, isServed: file.includes(toTrait(wanted)) }).toEqual({
      skip,
      hosts: [host],
      isServed: true,
    });
    await heir.run({ kind: 'delete-host', host: { ...host, title: 'x' } });
  }
  expect(struck, 'the last round has to run without a kill').toBe(false);
});

/** What nginx has to show of it. */
function toTrait(body: HostBody): string {
  if (body.kind === 'stream') return `listen ${body.listen}`;
  return body.kind === 'proxy-host' ? String(body.forwardPort) : `server_name ${body.domains[0]}`;
}

const generation = 'ffffffffffff';
const fastClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms / 200)),
};

async function converge(rig: NpmClientRig, body: HostBody): Promise<ObservedHostEntry> {
  for (let pass = 0; pass < mostPasses; pass++) {
    try {
      const { hosts } = await rig.observe();
      const [found] = hosts.filter((host) => host.marker?.route === marker.route);
      if (found !== undefined && isDone(found, body)) return found;
      const wish = { body, marker: { ...marker, generation } };
      if (found === undefined) await rig.run({ kind: 'create-host', ...wish });
      else await rig.run({ kind: 'update-host', ...wish, before: found });
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
    }
  }
  throw new Error('it does not converge');
}

function isDone(host: ObservedHostEntry, body: HostBody): boolean {
  const isSame = JSON.stringify(host.body) === JSON.stringify({ ...host.body, ...body });
  return isSame && host.online === true && host.marker?.generation === generation;
}
