import { describe, expect, it } from 'vitest';
import type { ContainerSpec, Mount } from '#domain/container-spec.ts';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import { hasErrors } from '#domain/problem.ts';
import {
  listComposeCases,
  listRecordedCases,
  loadComposeCase,
  type RecordedRequest,
  readRecordedRequests,
} from '#test/support/compose-cases.ts';
import { formatProblems } from '#test/support/manifest-input.ts';

// What Docker Compose really sends is the truth: see test/compose-cases/README.md.
type Body = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- recorded JSON of another program
type Request = RecordedRequest<Body>;

describe('a project that Docker Compose accepts asks for the same things', () => {
  // Of the newest engine: there a container is created with all its networks at once.
  it.each(listRecordedCases('1.51'))('%s', async (name) => {
    const { problems, stacks } = await loadComposeCase(name);

    expect(formatProblems(problems.filter(({ severity }) => severity === 'error'))).toBe('');
    const [stack] = stacks;
    expect(stack && factsOfStack(stack)).toEqual(factsOfRequests(readRecordedRequests(name, '1.51')));
  });
});

describe('a project that Docker Compose refuses is refused', () => {
  it.each(listComposeCases('bad-'))('%s', async (name) => {
    const { problems, stacks } = await loadComposeCase(name);

    expect(hasErrors(problems)).toBe(true);
    expect(stacks).toEqual([]);
  });
});

function factsOfStack(stack: DesiredStack) {
  const containers = stack.services.flatMap((service) =>
    service.containerNames.map((name) => [name, factsOfService(service, name, stack.name)] as const),
  );
  return {
    networks: stack.networks
      .filter(({ external }) => !external)
      .map(({ name }) => name)
      .sort(),
    volumes: stack.volumes
      .filter(({ external }) => !external)
      .map(({ name }) => name)
      .sort(),
    containers: Object.fromEntries(containers),
  };
}

function factsOfService({ name, spec }: DesiredService, containerName: string, project: string) {
  const { healthcheck } = spec;
  return {
    image: spec.image,
    cmd: spec.command,
    entrypoint: spec.entrypoint,
    env: Object.entries(spec.environment)
      .map(([key, value]) => (value === null ? key : `${key}=${value}`))
      .sort(),
    labels: spec.labels,
    hostname: spec.hostname ?? '',
    memory: spec.resources.memoryBytes ?? 0,
    readOnly: spec.readOnly ?? false,
    exposed: [
      ...new Set([
        ...spec.expose,
        ...spec.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`),
      ]),
    ].sort(),
    ports: spec.ports
      .map(
        ({ containerPort, protocol, hostIp, hostPort }) =>
          `${hostIp}|${hostPort}|${containerPort}/${protocol}`,
      )
      .sort(),
    mounts: spec.mounts.map(formatMount).sort(),
    restart: spec.restart.name === 'no' ? '' : spec.restart.name,
    health: healthcheck && {
      test: healthcheck.test ?? [],
      interval: healthcheck.intervalMs ?? 0,
      timeout: healthcheck.timeoutMs ?? 0,
      start: healthcheck.startPeriodMs ?? 0,
      startInterval: healthcheck.startIntervalMs ?? 0,
      retries: healthcheck.retries ?? 0,
    },
    network: networkModeOf(spec, project),
    aliases: Object.fromEntries(
      spec.networks.map(({ network, aliases }) => [network, [containerName, name, ...aliases]]),
    ),
  };
}

function networkModeOf(spec: ContainerSpec, project: string): string {
  const service = /^service:(.*)$/.exec(spec.networkMode ?? '')?.[1];
  if (service !== undefined) return `container:<container:${service}-1>`.replace(`${project}-`, '');
  const [primary] = spec.networks.toSorted(
    (a, b) => b.priority - a.priority || (a.network < b.network ? -1 : 1),
  );
  return spec.networkMode ?? primary?.network ?? '';
}

function formatMount(mount: Mount): string {
  switch (mount.kind) {
    case 'bind':
      return `${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`;
    case 'volume':
      return mount.name === undefined
        ? `volume ${mount.target}`
        : `${mount.name}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`;
    case 'tmpfs':
      return `tmpfs ${mount.target} ${mount.sizeBytes ?? 0} ${mount.mode ?? 0}`;
    case 'image':
      return `image ${mount.target}`;
  }
}

function factsOfRequests(requests: readonly Request[]) {
  const named = (path: string) =>
    requests
      .filter((request) => request.path === path)
      .map(({ body }) => String(body['Name']))
      .sort();
  const containers = requests.filter(({ path }) => path === '/containers/create');
  return {
    networks: named('/networks/create'),
    volumes: named('/volumes/create'),
    containers: Object.fromEntries(containers.map(({ query, body }) => [query['name'], factsOfBody(body)])),
  };
}

function factsOfBody(body: Body) {
  const host = body['HostConfig'] as Body;
  const health = body['Healthcheck'] as Body | undefined;
  const ours = Object.entries((body['Labels'] ?? {}) as Body).filter(
    ([key]) => !key.startsWith('com.docker.compose.'),
  );
  const endpoints = Object.entries((body['NetworkingConfig']?.EndpointsConfig ?? {}) as Body);
  return {
    image: body['Image'],
    cmd: body['Cmd'],
    entrypoint: body['Entrypoint'],
    env: body['Env'] ?? [],
    labels: Object.fromEntries(ours),
    hostname: body['Hostname'],
    memory: host['Memory'],
    readOnly: host['ReadonlyRootfs'],
    exposed: Object.keys(body['ExposedPorts'] ?? {}).sort(),
    ports: Object.entries((host['PortBindings'] ?? {}) as Record<string, (Body | null)[]>)
      .flatMap(([port, bindings]) =>
        bindings.map((binding) => `${binding?.['HostIp'] ?? ''}|${binding?.['HostPort'] ?? ''}|${port}`),
      )
      .sort(),
    mounts: mountsOf(host).sort(),
    restart: host['RestartPolicy']?.Name ?? '',
    health: health && {
      test: health['Test'] ?? [],
      interval: (health['Interval'] ?? 0) / 1e6,
      timeout: (health['Timeout'] ?? 0) / 1e6,
      start: (health['StartPeriod'] ?? 0) / 1e6,
      startInterval: (health['StartInterval'] ?? 0) / 1e6,
      retries: health['Retries'] ?? 0,
    },
    network: host['NetworkMode'],
    aliases: Object.fromEntries(endpoints.map(([network, endpoint]) => [network, endpoint['Aliases']])),
  };
}

function mountsOf(host: Body): string[] {
  const tmpfs = Object.entries((host['Tmpfs'] ?? {}) as Record<string, string>).map(([target, options]) => {
    const size = /size=(\d+)m/.exec(options)?.[1];
    const mode = /mode=(\d+)/.exec(options)?.[1];
    return `tmpfs ${target} ${size === undefined ? 0 : Number(size) * 1024 ** 2} ${mode === undefined ? 0 : Number.parseInt(mode, 8)}`;
  });
  const mounts = ((host['Mounts'] ?? []) as Body[]).map((mount) =>
    mount['Type'] === 'tmpfs'
      ? `tmpfs ${mount['Target']} ${mount['TmpfsOptions']?.SizeBytes ?? 0} ${mount['TmpfsOptions']?.Mode ?? 0}`
      : `volume ${mount['Target']}`,
  );
  return [...((host['Binds'] ?? []) as string[]), ...tmpfs, ...mounts];
}
