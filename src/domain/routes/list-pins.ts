// Containers that nginx knows by name. It looks up the names in locations and streams when it reads its configuration,
// and refuses all of it, everybody's, while one of them leads nowhere: so such a host has to go before its container.
import type { ObservedContainer } from '../observed.ts';
import { describeHost } from './describe-host.ts';
import { isLiteral } from './list-followed.ts';
import type { HostBody, ObservedHostEntry } from './observed-proxy.ts';

export type Pin = {
  readonly stack: string;
  /** Of the container. */
  readonly name: string;
  /** `stream 1 (tcp/1883)` */
  readonly host: string;
  /** Nothing declared is to have it: it goes, and nothing else keeps the name in nginx. */
  readonly isLeaving: boolean;
};

export function listPins(
  hosts: readonly ObservedHostEntry[],
  owner: string,
  leaving: readonly ObservedHostEntry[],
): readonly Pin[] {
  return hosts.flatMap((entry) => {
    const { body, enabled, marker } = entry;
    if (marker?.owner !== owner || !enabled || !isLiteral(body)) return [];
    const pin = { stack: marker.stack, host: describeHost(entry), isLeaving: leaving.includes(entry) };
    return listNames(body).map((name) => ({ ...pin, name }));
  });
}

function listNames(body: HostBody): readonly string[] {
  if (body.kind === 'stream') return [body.forwardHost];
  if (body.kind !== 'proxy-host') return [];
  return [...new Set(body.locations.map(({ forwardHost }) => forwardHost))];
}

/** What is known of them: as of the revision that the last look was about. */
export type PinFacts = {
  /** Undefined: the proxy has not been looked at yet. */
  readonly pins: readonly Pin[] | undefined;
  /** The look was about what Git says now. */
  readonly isCurrent: boolean;
  /** Why the last look came to nothing. */
  readonly failure: string | undefined;
  /** That the proxy is in, too. */
  readonly network: string | undefined;
};

/** By name of a container of the stack that is to go: why it must not yet. */
export function explainPins(
  stack: string,
  containers: readonly ObservedContainer[],
  { pins, isCurrent, failure, network }: PinFacts,
): Readonly<Record<string, string>> {
  const names = containers
    .filter(({ networks }) => networks.some((each) => each.network === network))
    .map(({ name }) => name);
  if (pins === undefined) {
    const message = failure ?? 'the proxy has not been looked at yet';
    return Object.fromEntries(names.map((name) => [name, `it may be led to: ${message}`]));
  }
  const own = pins.filter((pin) => pin.stack === stack && (pin.isLeaving || !isCurrent));
  return Object.fromEntries(
    own.map(({ name, host }) => [name, `${host} leads to it${failure === undefined ? '' : `: ${failure}`}`]),
  );
}
