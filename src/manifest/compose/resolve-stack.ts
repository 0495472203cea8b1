import type { Mount, NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredNetwork, DesiredService, DesiredStack, DesiredVolume } from '#domain/desired.ts';
import { hashContent, hashSpec } from '../content-hash.ts';
import type { Place } from '../place.ts';
import { toRollout } from '../resolve-rollout.ts';
import { findNearestName } from '../schema/nearest-name.ts';
import { checkBindSource, checkPolicy } from './check-policy.ts';
import { interpolateModel } from './interpolate-model.ts';
import { resolveNetwork, resolveVolume, sharedNetwork } from './networks.ts';
import { orderServices } from './order-services.ts';
import { type ResolvedService, resolveService } from './resolve-service.ts';
import type { ComposeModel, StackContext } from './stack-context.ts';

/** One stack, from the declared model. What is wrong is told at the model's places; then the result is not to be used. */
export async function resolveStack(model: ComposeModel, context: StackContext): Promise<DesiredStack> {
  const serviceNames = Object.keys(model.services).sort();
  const known = { active: serviceNames, inactive: model.inactive };
  const resolved: ResolvedService[] = [];
  for (const name of serviceNames) {
    const place = model.servicePlace(name);
    const raw = model.services[name];
    if (raw === undefined) continue;
    const service = interpolateModel(raw, context.lookup, place);
    resolved.push(await resolveService(name, service, { ...context, known }, place));
  }
  checkContainerNames(resolved);
  const networks = createResources(model.networks, model.declaresImplicitly, (key, raw) => {
    const place = model.networkPlace(key);
    return resolveNetwork(key, interpolateModel(raw ?? {}, context.lookup, place), context.project, place);
  });
  const volumes = createResources(model.volumes, model.declaresImplicitly, (key, raw) => {
    const place = model.volumePlace(key);
    return resolveVolume(key, interpolateModel(raw ?? {}, context.lookup, place), context.project, place);
  });
  const services = resolved.map((service) => toDesired(service, resolved, { context, networks, volumes }));
  return finishStack(context, order(services, model), networks, volumes);
}

function finishStack(
  context: StackContext,
  services: readonly DesiredService[],
  networks: Resources<DesiredNetwork>,
  volumes: Resources<DesiredVolume>,
): DesiredStack {
  const stack = {
    name: context.project,
    app: context.app,
    ...(context.stage !== undefined && { stage: context.stage }),
    drift: context.drift,
    networks: networks.used(),
    volumes: volumes.used(),
    services,
  };
  return { ...stack, contentHash: hashContent(stack) };
}

function order(services: readonly DesiredService[], model: ComposeModel): readonly DesiredService[] {
  const ordered = orderServices(services);
  if (ordered.kind === 'ordered') return ordered.services;
  const [first = ''] = ordered.names;
  model
    .servicePlace(first)
    .at('depends_on')
    .error(`the services depend on each other in a circle: ${ordered.names.join(' → ')}`);
  return services;
}

type Parts = {
  readonly context: StackContext;
  readonly networks: Resources<DesiredNetwork>;
  readonly volumes: Resources<DesiredVolume>;
};

function toDesired(service: ResolvedService, all: readonly ResolvedService[], parts: Parts): DesiredService {
  const { context } = parts;
  const spec = {
    ...service.spec,
    mounts: service.spec.mounts.map((mount) => bindMount(mount, service.place.at('volumes'), parts)),
    networks: attach(service, parts),
  };
  checkPolicy(spec, context.policy, service.place);
  const isAwaited = all.some(({ dependsOn }) =>
    dependsOn.some(
      (dependency) => dependency.service === service.name && dependency.condition === 'completed',
    ),
  );
  return {
    name: service.name,
    containerNames: service.containerNames,
    spec,
    pullPolicy: service.pullPolicy,
    dependsOn: service.dependsOn,
    isJob: isAwaited || service.saysItIsAJob,
    minReadyMs: context.rollout.minReadyMs,
    readyDeadlineMs: context.rollout.readyDeadlineMs,
    rollout: toRollout(
      context.rollout,
      parts.networks.used().filter((each) => spec.networks.some(({ network }) => network === each.name)),
    ),
    ...hashSpec(spec),
  };
}

function attach(service: ResolvedService, { context, networks }: Parts): readonly NetworkAttachment[] {
  const { shared } = context;
  const joinsShared = shared?.services.includes(service.name) === true;
  const attached = service.attachments.flatMap(({ key, ...attachment }) => {
    if (joinsShared && key === shared.network) return [{ network: key, ...attachment }];
    const network = networks.use(key, service.place.at('networks'), 'network');
    return network === undefined ? [] : [{ network: network.name, ...attachment }];
  });
  if (!joinsShared || service.spec.networkMode !== undefined) return attached;
  networks.add(sharedNetwork(shared.network));
  if (attached.some(({ network }) => network === shared.network)) return attached;
  return [...attached, { network: shared.network, aliases: [], priority: 0 }];
}

function bindMount(mount: Mount, place: Place, { context, volumes }: Parts): Mount {
  if (mount.kind === 'bind') checkBindSource(mount.source, context.policy, place);
  if (mount.kind !== 'volume' || mount.name === undefined) return mount;
  const volume = volumes.use(mount.name, place, 'volume');
  return volume === undefined ? mount : { ...mount, name: volume.name };
}

function checkContainerNames(services: readonly ResolvedService[]): void {
  const holders = new Map<string, string>();
  for (const { name, containerNames, place } of services) {
    for (const containerName of containerNames) {
      const holder = holders.get(containerName);
      if (holder !== undefined) {
        place.error(`the container name "${containerName}" is that of the service "${holder}" too`);
      }
      holders.set(containerName, name);
    }
  }
}

/** Declared things, of which only those that are used become part of the stack. */
type Resources<T> = {
  use(key: string, place: Place, what: string): T | undefined;
  add(resource: T): void;
  used(): readonly T[];
};

function createResources<T extends { readonly key: string }, R>(
  declared: Readonly<Record<string, R | null>>,
  declaresImplicitly: boolean,
  resolve: (key: string, raw: R | null) => T,
): Resources<T> {
  const used = new Map<string, T>();
  return {
    use(key, place, what) {
      const known = used.get(key);
      if (known !== undefined) return known;
      const raw = Object.hasOwn(declared, key) ? (declared[key] ?? null) : undefined;
      if (raw === undefined && !declaresImplicitly && !(what === 'network' && key === 'default')) {
        const nearest = findNearestName(key, Object.keys(declared));
        const hint =
          nearest === undefined ? `declare it under ${what}s at the top` : `did you mean "${nearest}"?`;
        place.error(`there is no ${what} "${key}"`, hint);
        return undefined;
      }
      const resource = resolve(key, raw ?? null);
      used.set(key, resource);
      return resource;
    },
    add: (resource) => void used.set(resource.key, resource),
    used: () => [...used.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}
