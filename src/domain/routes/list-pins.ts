// Containers that nginx knows by name. It looks up the names in locations and streams when it reads its configuration,
// and refuses all of it, everybody's, while one of them leads nowhere: so such a name has to go before its container.
import type { DesiredNetwork, DesiredStack } from '../desired.ts';
import { indexHost } from '../host-index.ts';
import { isSamePort } from '../is-same-port.ts';
import type { ObservedContainer, ObservedHost } from '../observed.ts';
import { describeHost, toObjectId } from './describe-host.ts';
import { isLiteral } from './list-followed.ts';
import type { HostBody, ObservedHostEntry } from './observed-proxy.ts';

/** A name that nginx has, by a host of ours, whatever is declared of that. */
export type Pin = {
  /** Of the container. */
  readonly name: string;
  /** `stream 1 (tcp/1883)` */
  readonly host: string;
  readonly hostId: string;
};

export function listPins(hosts: readonly ObservedHostEntry[], owner: string): readonly Pin[] {
  return hosts.flatMap((entry) => {
    const { kind, id, body, enabled, marker } = entry;
    if (marker?.owner !== owner || !enabled || !isLiteral(body)) return [];
    return listNames(body).map((name) => ({ name, host: describeHost(entry), hostId: toObjectId(kind, id) }));
  });
}

function listNames(body: HostBody): readonly string[] {
  if (body.kind === 'stream') return [body.forwardHost];
  if (body.kind !== 'proxy-host') return [];
  return [...new Set(body.locations.map(({ forwardHost }) => forwardHost))];
}

/** Why a container that is to go must not yet. `approval`: the token of a removal that it waits for. */
export type Pinned = {
  readonly message: string;
  readonly approval?: string;
  /** The proxy does not answer. */
  readonly isAway: boolean;
};

export type PinFacts = {
  /** Undefined: the proxy has not been looked at yet. */
  readonly pins: readonly Pin[] | undefined;
  /** Removals of hosts that wait for approval. */
  readonly prune: { readonly token: string; readonly ids: readonly string[] };
  /** The last look was about what Git says now. */
  readonly isCurrent: boolean;
  /** Why the last look came to nothing. */
  readonly failure: string | undefined;
  /** That the proxy is in, too. */
  readonly network: string | undefined;
};

/** The only ones that there may be something to explain of: few, once the proxy has been looked at. */
export function listPinnable(observed: ObservedHost, facts: PinFacts): readonly ObservedContainer[] {
  if (isUnseen(facts)) return observed.containers;
  const names = new Set((facts.pins ?? []).map(({ name }) => name));
  return [...names].flatMap((name) => indexHost(observed).containersByName(name));
}

function isUnseen({ pins, isCurrent, failure }: Pick<PinFacts, 'pins' | 'isCurrent' | 'failure'>): boolean {
  return failure === undefined && (pins === undefined || !isCurrent);
}

/**
 * By name. With a proxy that does not answer, what was seen of it last counts; after a restart that is nothing, and
 * nobody waits for it without end.
 */
export function explainPins(
  containers: readonly ObservedContainer[],
  { pins, prune, isCurrent, failure, network }: PinFacts,
): Readonly<Record<string, Pinned>> {
  const unseen = isUnseen({ pins, isCurrent, failure })
    ? containers.filter((each) => isInNetwork(each, network))
    : [];
  const message = 'the proxy has not been looked at yet since Git has changed';
  return Object.fromEntries([
    ...unseen.map(({ name }) => [name, { message, isAway: false }] as const),
    ...listOwn(pins, containers).map(({ name, host, hostId }) => {
      const isAsked = prune.ids.includes(hostId);
      const why = failure === undefined ? `${host} leads to it` : `${host} leads to it: ${failure}`;
      const isAway = failure !== undefined;
      return [name, { message: why, isAway, ...(isAsked && { approval: prune.token }) }] as const;
    }),
  ]);
}

function listOwn(pins: PinFacts['pins'], containers: readonly ObservedContainer[]): readonly Pin[] {
  const names = new Set(containers.map(({ name }) => name));
  return (pins ?? []).filter(({ name }) => names.has(name));
}

function isInNetwork({ networks }: ObservedContainer, network: string | undefined): boolean {
  return network !== undefined && networks.some((each) => each.network === network);
}

/** Whether another stack needs its name, port, volume or network, and so may wait for it as it waits for that stack. */
export function isNeeded(container: ObservedContainer, stacks: readonly DesiredStack[]): boolean {
  return stacks.some(
    ({ active, networks, services }) =>
      active !== false &&
      (networks.some((network) => isOwn(network) && isInNetwork(container, network.name)) ||
        services.some(
          ({ containerNames, spec }) =>
            containerNames.includes(container.name) ||
            spec.ports.some((port) => container.publishedPorts.some((held) => isSamePort(port, held))) ||
            spec.mounts.some(
              (mount) => mount.kind === 'volume' && container.volumeNames.includes(mount.name ?? ''),
            ),
        )),
  );
}

function isOwn({ external, shared }: DesiredNetwork): boolean {
  return !external && !shared;
}
