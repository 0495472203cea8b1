import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredNetwork, DesiredService } from '#domain/desired.ts';
import { hashSpec } from '../../content-hash.ts';
import type { Place } from '../../place.ts';
import { toRollout } from '../../resolve-rollout.ts';
import type { ServicePorts } from '../../routes/service-ports.ts';
import { checkPolicy } from '../check-policy.ts';
import type { ComposeService } from '../project/compose-project.ts';
import { isAwaited, toDependencies } from './dependencies.ts';
import { toDevices } from './devices.ts';
import { toFileMounts } from './file-mounts.ts';
import { given, nonEmpty } from './given.ts';
import { type ServiceImage, toPullPolicy } from './images.ts';
import { resolveIsolation } from './isolation.ts';
import { toMounts } from './mounts.ts';
import { checkMacAddress, toAttachments } from './networks.ts';
import { noteUnused } from './notes.ts';
import { toPorts } from './ports.ts';
import { toProcess } from './process.ts';
import { toReferences } from './references.ts';
import { toLimits, toResources } from './resources.ts';
import { toRestart } from './restart.ts';
import type { ReadProject, StackInput } from './stack-input.ts';

export type ServiceScene = {
  readonly read: ReadProject;
  readonly input: StackInput;
  readonly image: ServiceImage;
  /** Of every service. */
  readonly containerNames: ReadonlyMap<string, readonly string[]>;
  /** Of the stack. */
  readonly networks: readonly DesiredNetwork[];
  readonly networksByKey: ReadonlyMap<string, DesiredNetwork>;
};

/** What is wrong is told at the service's place; then the result is not to be used. */
export async function toService(
  name: string,
  service: ComposeService,
  scene: ServiceScene,
): Promise<DesiredService> {
  const { read, input, image } = scene;
  const { project } = read;
  const place = read.place.at('services', name);
  noteUnused(service, place);
  const spec = await toSpec(name, service, scene, place);
  const ownNames = new Set([...scene.containerNames.values()].flat());
  checkPolicy(spec, input.policy, place, ownNames);
  return {
    name,
    containerNames: scene.containerNames.get(name) ?? [],
    spec,
    ...given({ build: image.build }),
    pullPolicy: toPullPolicy(service),
    dependsOn: toDependencies(service, project),
    // Silence is Compose's "no" as well, so it cannot say that a service is to end.
    isJob: isAwaited(name, project) || spec.restart.name === 'no',
    minReadyMs: input.rollout.minReadyMs,
    readyDeadlineMs: input.rollout.readyDeadlineMs,
    rollout: toRollout(input.rollout, listAttached(spec, scene)),
    ...hashSpec(spec),
  };
}

function listAttached({ networks: attached }: ContainerSpec, { networks }: ServiceScene) {
  return networks.filter(({ name }) => attached.some(({ network }) => network === name));
}

async function toSpec(
  name: string,
  service: ComposeService,
  { read, input, image, networksByKey }: ServiceScene,
  place: Place,
): Promise<ContainerSpec> {
  const { project } = read;
  const mountInput = { project, policy: input.policy };
  const mounts = toMounts(service, mountInput, place);
  const taken = new Set(mounts.map(({ target }) => target));
  const files = toFileMounts(service, mountInput, place).filter(({ target }) => !taken.has(target));
  const networks = joinShared(
    name,
    service,
    toAttachments(service, (key) => networksByKey.get(key)?.name),
    input,
  );
  checkMacAddress(service, networks, place);
  return {
    image: image.image,
    ...toProcess(service, place),
    environment: { ...input.ports?.get(name)?.environment, ...toEnvironment(service) },
    ...(await resolveIsolation(service, input.deliver, place)),
    ...toDevices(service),
    ports: toPorts(service, place.at('ports')),
    ...given({ allotted: toAllotted(service, input.ports?.get(name)) }),
    mounts: [...mounts, ...files],
    restart: place.at('restart').attempt(() => toRestart(service)) ?? { name: '', maxRetries: 0 },
    resources: toResources(service),
    ...given({ limits: toLimits(service) }),
    ...toReferences(service, place),
    networks,
    ...given({ files: nonEmpty(await input.deliver.files(name, service, read, place)) }),
  };
}

/** What the service sets itself is not told once more. */
function toAllotted({ environment = {} }: ComposeService, ports: ServicePorts | undefined) {
  const allotted = ports?.allotted.map((port) => ({
    ...port,
    variables: port.variables.filter((name) => !Object.hasOwn(environment, name)),
  }));
  return nonEmpty(allotted);
}

/** A tool in the container looks there for the credentials of the engine's socket. */
function toEnvironment({ environment = {}, use_api_socket: hasSocket }: ComposeService) {
  if (hasSocket !== true || Object.hasOwn(environment, 'DOCKER_CONFIG')) return environment;
  return { ...environment, DOCKER_CONFIG: '/run/secrets/docker' };
}

/** The fleet's network comes beside the service's own, and is never the primary one. */
function joinShared(
  name: string,
  { network_mode: mode }: ComposeService,
  attachments: ContainerSpec['networks'],
  { shared }: StackInput,
): ContainerSpec['networks'] {
  if (mode || shared?.services.includes(name) !== true) return attachments;
  if (attachments.some(({ network }) => network === shared.network)) return attachments;
  return [...attachments, { network: shared.network, aliases: [], byOwnName: true, priority: 0 }];
}
