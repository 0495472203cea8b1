import { describe, expect, it } from 'vitest';
import { toInspectedSpec } from '#adapters/docker/inspected-spec.ts';
import type { ContainerAnswer, MountAnswer } from '#adapters/docker/wire.ts';
import { createDiskContents } from '#app/compose/disk-contents.ts';
import { compareSpec } from '#domain/compare-spec.ts';
import type { DesiredService } from '#domain/desired.ts';
import { withComposeAliases } from '#domain/replica.ts';
import { toStack } from '#manifest/compose/stack/to-stack.ts';
import { defaultRollout } from '#manifest/resolve-rollout.ts';
import {
  isRefused,
  type Json,
  listRecordings,
  type RecordedRequest,
  type Recording,
  readInput,
  readModel,
  readRequests,
} from '#test/support/compose-recordings.ts';
import { openPolicy } from '#test/support/manifest-input.ts';

// An engine tells of a container what it was asked for. So what Docker Compose made of a project has to be seen as
// what we declare by the same project, or taking it over would replace it.
const recordings = listRecordings();

describe.each(['1.41', '1.51'])(
  'what Docker Compose made on an engine of API %s agrees with its declaration',
  (version) => {
    const made = recordings.filter((each) => !isRefused(each.name, version) && each.name !== 'bad-restart');
    it.each(made.map((each) => [each.name, each] as const))('%s', async (_, recording) => {
      const services = await makeServices(recording);
      const requests = readRequests(recording, version) ?? [];

      const differences = requests
        .filter(({ path }) => path === '/containers/create')
        .flatMap((request) => compare(services, request, requests, version));

      expect(differences).toEqual([]);
    });
  },
);

async function makeServices(recording: Recording): Promise<readonly DesiredService[]> {
  const stack = await toStack(readModel(recording), {
    app: 'shop',
    stage: undefined,
    drift: 'heal',
    rollout: defaultRollout,
    policy: openPolicy,
    shared: undefined,
    deliver: createDiskContents(async (path) => readInput(recording, path)),
  });
  return stack.services;
}

function compare(
  services: readonly DesiredService[],
  { query, body }: RecordedRequest,
  requests: readonly RecordedRequest[],
  version: string,
): readonly string[] {
  const name = query['name'] ?? '';
  const service = services.find(({ containerNames }) => containerNames.includes(name));
  if (service === undefined) return [`${name} is no replica of ours`];
  const found = toInspectedSpec(toAnswer(body, connectsOf(service, name, requests)), version);
  const wanted = { ...service.spec, networks: withComposeAliases(service, name) };
  return compareSpec({ wanted, found, image: undefined }).map((pair) => `${name} ${pair.join(' | ')}`);
}

/** What older engines are told of the other networks. */
function connectsOf(
  { name, containerNames }: DesiredService,
  container: string,
  requests: readonly RecordedRequest[],
): Json {
  const id = `<container:${name}-${containerNames.indexOf(container) + 1}>`;
  const connects = requests.filter(({ path, body }) => path.endsWith('/connect') && body['Container'] === id);
  return Object.fromEntries(connects.map(({ path, body }) => [path.split('/')[2], body['EndpointConfig']]));
}

type Networks = NonNullable<NonNullable<ContainerAnswer['NetworkSettings']>['Networks']>;

function toAnswer(body: Json, connects: Json): ContainerAnswer {
  const host = body['HostConfig'] as NonNullable<ContainerAnswer['HostConfig']>;
  const config = body['NetworkingConfig'] as { EndpointsConfig?: Json } | null;
  const networks = { ...config?.EndpointsConfig, ...connects } as Networks;
  return {
    Id: 'f'.repeat(64),
    Config: body,
    HostConfig: host,
    NetworkSettings: { Networks: networks },
    Mounts: [...listBinds(body['HostConfig'] as Json), ...listMounts(body['HostConfig'] as Json)],
  };
}

function listBinds({ Binds: binds }: Json): readonly MountAnswer[] {
  return ((binds ?? []) as readonly string[]).map((bind) => {
    const [source = '', target = '', options = ''] = bind.split(':');
    const isBind = source.startsWith('/');
    return {
      Type: isBind ? 'bind' : 'volume',
      ...(isBind ? { Source: source } : { Name: source }),
      Destination: target,
      RW: !options.split(',').includes('ro'),
    };
  });
}

type AskedMount = {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: { readonly Propagation?: string } | null;
};

function listMounts({ Mounts: mounts }: Json): readonly MountAnswer[] {
  return ((mounts ?? []) as readonly AskedMount[]).map((mount) => ({
    Type: mount.Type,
    Destination: mount.Target,
    RW: mount.ReadOnly !== true,
    ...(mount.Type === 'volume' ? { Name: mount.Source ?? 'f'.repeat(64) } : { Source: mount.Source ?? '' }),
    ...(mount.BindOptions?.Propagation && { Propagation: mount.BindOptions.Propagation }),
  }));
}
