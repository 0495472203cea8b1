import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredHook, DesiredService, DesiredStack } from '#domain/desired.ts';
import type { HookKind } from '#domain/hook.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { checkPolicy } from './compose/check-policy.ts';
import type { Variables } from './compose/load/reading.ts';
import { hashContent, hashSpec } from './content-hash.ts';
import type { DeliverySpec, HookDocument } from './documents.ts';
import { InvalidValue, type Place } from './place.ts';
import { parseDuration } from './text/duration.ts';
import { formatScalar } from './text/format-scalar.ts';
import { parseImage } from './text/image-reference.ts';
import { interpolate } from './text/interpolate.ts';

const defaultDeadlineMs = 300_000;

type Scene = {
  readonly policy: HostPolicy;
  readonly variables: Variables;
  /** Of `hooks`. */
  readonly place: Place;
};

/** The stack with what is run for a new version of it. What is wrong is told at its place. */
export function withHooks(stack: DesiredStack, hooks: DeliverySpec['hooks'], scene: Scene): DesiredStack {
  const { preDeploy, postDeploy } = hooks ?? {};
  const resolve = (kind: HookKind, key: string, document: HookDocument | undefined) => {
    const place = scene.place.at(key);
    return document === undefined
      ? []
      : (place.attempt(() => toHook(kind, document, stack, { ...scene, place })) ?? []);
  };
  const all = [
    ...[resolve('pre-deploy', 'preDeploy', preDeploy)].flat(),
    ...[resolve('post-deploy', 'postDeploy', postDeploy)].flat(),
  ];
  return all.length === 0 ? stack : { ...stack, hooks: all };
}

/** @throws InvalidValue */
function toHook(kind: HookKind, document: HookDocument, stack: DesiredStack, scene: Scene): DesiredHook {
  const { place, policy } = scene;
  const service = chooseService(document.service, stack.services);
  const spec = toHookSpec(service.spec, document, scene);
  checkPolicy(spec, policy, place, new Set(stack.services.flatMap((each) => each.containerNames)));
  const hashes = hashSpec(spec);
  const generations = stack.services.map(({ name, generation }) => `${name} ${generation}`).toSorted();
  const { deadline } = document;
  const deadlineMs =
    deadline === undefined ? undefined : place.at('deadline').attempt(() => parseDuration(deadline));
  const run: DesiredService = {
    ...service,
    name: `hook:${kind}`,
    containerNames: [`${stack.name}-${kind}`],
    spec,
    pullPolicy: 'missing',
    isJob: true,
    readyDeadlineMs: deadlineMs || defaultDeadlineMs,
    ...hashes,
    // It is run for all of the stack, so it is run again when anything of it changes.
    generation: hashContent([hashes.specHash, generations]).slice(0, 12),
  };
  const { probe: _probe, build, ...rest } = run;
  const isBuilt = build !== undefined && spec.image === service.spec.image;
  return { kind, service: service.name, run: { ...rest, ...(isBuilt && { build }) } };
}

/** @throws InvalidValue */
function chooseService(name: string | undefined, services: readonly DesiredService[]): DesiredService {
  const names = services.map((each) => each.name).join(', ');
  const [only, ...others] = services;
  if (name === undefined && only !== undefined && others.length === 0) return only;
  if (name === undefined) throw new InvalidValue('whose place does it take?', `set service: one of ${names}`);
  const found = services.find((each) => each.name === name);
  if (found === undefined) throw new InvalidValue(`there is no service "${name}"`, `there is ${names}`);
  return found;
}

/** What two containers cannot have at once, and what only something that serves needs, is left out. */
function toHookSpec(
  service: ContainerSpec,
  document: HookDocument,
  { variables, place }: Scene,
): ContainerSpec {
  const text = (value: string) => interpolate(value, (name) => variables.get(name));
  const { command, image, env = {} } = document;
  const { macAddress: _mac, links: _links, ...rest } = service;
  const isText = typeof command === 'string';
  const own = image === undefined ? undefined : place.at('image').attempt(() => parseImage(text(image)));
  const entrypoint = own === undefined ? service.entrypoint : null;
  const added = Object.entries(env).map(([name, value]) => [name, text(formatScalar(value))]);
  return {
    ...rest,
    image: own ?? service.image,
    command: isText ? ['/bin/sh', '-c', text(command)] : command.map(text),
    entrypoint: isText ? [] : entrypoint,
    environment: { ...service.environment, ...Object.fromEntries(added) },
    // Proxies and the like take labels for an invitation.
    labels: {},
    expose: [],
    ports: [],
    restart: { name: 'no', maxRetries: 0 },
    healthcheck: { test: ['NONE'] },
    networks: service.networks
      .map(({ network, priority }) => ({ network, priority, aliases: [] }))
      .toSorted((a, b) => b.priority - a.priority),
  };
}
