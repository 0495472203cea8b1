// A route with everything it names looked up: where it leads, its certificate, its access list.
import {
  type CertificateRequest,
  type CertificateScene,
  type ChosenCertificate,
  chooseCertificate,
} from './choose-certificate.ts';
import type { DesiredAccessList, DesiredRoute, Upstream } from './desired-route.ts';
import { listAsks } from './list-asks.ts';
import { isFollowed, listFollowed, listUpstreams } from './list-followed.ts';
import type { HostBody, ObservedAccessList, ObservedCertificate, ObservedProxy } from './observed-proxy.ts';
import { type ChosenList, chooseAccessList } from './plan-access-lists.ts';
import type { ProxyAbilities } from './proxy-abilities.ts';
import { type ResolvedUpstream, resolveUpstream, toTargetMark } from './resolve-upstream.ts';
import { type DeclaredRoute, findTarget, type RouteContext } from './route-context.ts';
import type { RouteAsk, RouteBlockReason } from './route-plan.ts';
import { toHostBody, toHostKind } from './to-host-body.ts';

export type LookUpScene = {
  readonly context: RouteContext;
  readonly certificates: CertificateScene;
  readonly lists: readonly DesiredAccessList[];
  readonly observedLists: readonly ObservedAccessList[];
  readonly abilities: ProxyAbilities;
  /** What the account may not see. */
  readonly hidden: NonNullable<ObservedProxy['hidden']>;
  /** What the host has at present that is the route's, or is to be; undefined: there is none. */
  readonly currentCertificate: (declared: DeclaredRoute) => ChosenCertificate | undefined;
};

export type PreparedRoute = {
  readonly declared: DeclaredRoute;
  /** Undefined: something that it names is not there, see `obstacle`. */
  readonly body: HostBody | undefined;
  readonly obstacle?: Obstacle;
  /** Why it cannot be made yet, although the body is known. */
  readonly unready?: string;
  /** What the marker is to say, where a new container asks for a write. */
  readonly target?: string;
  /** Services whose container the proxy looks up only when it is written to. */
  readonly follows: readonly string[];
  readonly asks: readonly RouteAsk[];
  /** nginx resolves a name of it when it reloads, and not for each request. */
  readonly isResolvedAtReload: boolean;
  readonly certificate?: ObservedCertificate;
  /** A certificate that is to be issued for it. */
  readonly request?: CertificateRequest;
};

/** One that could be made now. */
export type ResolvedRoute = PreparedRoute & { readonly body: HostBody };

type Obstacle =
  | {
      readonly kind: 'block';
      readonly reason: RouteBlockReason;
      readonly message: string;
      readonly unblock: string;
    }
  | { readonly kind: 'wait'; readonly message: string }
  /** Made in a step of this plan: then it is looked at again. */
  | { readonly kind: 'made-before'; readonly message: string };

type Leading = { readonly upstream: Upstream; readonly resolved: ResolvedUpstream };

export function prepareRoute(declared: DeclaredRoute, scene: LookUpScene): PreparedRoute {
  const { route } = declared;
  const leading = listUpstreams(route).map(
    (upstream): Leading => ({
      upstream,
      resolved: resolveUpstream(upstream, declared, scene.context),
    }),
  );
  const chosen = chooseFor(route, scene);
  const current = chosen.kind === 'to-request' ? scene.currentCertificate(declared) : undefined;
  // While one is being issued, the host stays with what it has, and follows its containers.
  const certificate = current ?? chosen;
  const name = route.kind === 'http' ? route.accessList : undefined;
  const list = chooseAccessList(name, scene.lists, scene.observedLists, scene.context.owner);
  const followed = leading.filter(({ upstream }) => isFollowed(upstream, route));
  const mark = toTargetMark(followed);
  const known = {
    declared,
    follows: listFollowed(route),
    asks: listAsks(route, {
      isTls: route.kind === 'http' && route.forceSsl && certificate.kind === 'chosen' && certificate.id !== 0,
      isProven: (service) => findTarget(scene.context.targets, declared.stack, service)?.isProven === true,
    }),
    isResolvedAtReload: followed.some(({ upstream }) => toReach(upstream) === 'network'),
    ...(mark !== undefined && { target: mark }),
    ...toInUse(certificate),
    ...(chosen.kind === 'to-request' && { request: chosen }),
  };
  const obstacle =
    findHidden(route, scene.hidden) ??
    findObstacle(leading, certificate, list) ??
    findInability(route, scene.abilities);
  if (obstacle !== undefined) return { ...known, body: undefined, obstacle };
  const body = toBody(withAbilities(route, scene.abilities), leading, certificate, list);
  const unready = findUnready(leading);
  return { ...known, body, ...(unready !== undefined && { unready }) };
}

function chooseFor(route: DesiredRoute, { certificates }: LookUpScene): ChosenCertificate {
  return chooseCertificate(route.certificate, route.kind === 'stream' ? [] : route.hosts, certificates);
}

function toReach(upstream: Upstream): 'network' | 'host' | undefined {
  return upstream.kind === 'service' ? upstream.reach : undefined;
}

function toInUse(chosen: ChosenCertificate): { readonly certificate?: ObservedCertificate } {
  return chosen.kind === 'chosen' && chosen.certificate !== undefined
    ? { certificate: chosen.certificate }
    : {};
}

function findObstacle(
  leading: readonly Leading[],
  certificate: ChosenCertificate,
  list: ChosenList,
): Obstacle | undefined {
  for (const { resolved } of leading) {
    if (resolved.kind === 'unsupported') {
      return { kind: 'block', reason: 'Unsupported', message: resolved.message, unblock: resolved.unblock };
    }
    if (resolved.kind === 'pending') return { kind: 'wait', message: resolved.message };
  }
  if (list.kind === 'missing') {
    const unblock = 'declare it in the fleet, or make it in the proxy';
    return { kind: 'block', reason: 'AccessListMissing', message: list.message, unblock };
  }
  if (certificate.kind === 'missing') {
    const unblock = 'declare it in the fleet, make it in the proxy, or choose `certificate: auto`';
    return { kind: 'block', reason: 'CertificateMissing', message: certificate.message, unblock };
  }
  if (certificate.kind === 'to-request') {
    return { kind: 'made-before', message: `a certificate for ${certificate.name} is issued` };
  }
  if (list.kind === 'pending') return { kind: 'made-before', message: `access list ${list.name} is made` };
  if (certificate.kind !== 'pending') return undefined;
  return { kind: 'made-before', message: `certificate ${certificate.name} is made` };
}

/** What cannot be seen is not absent: without the certificates, a route would lose its own. */
function findHidden(route: DesiredRoute, hidden: LookUpScene['hidden']): Obstacle | undefined {
  const needed = [
    toHostKind(route),
    ...(route.certificate.kind === 'none' ? [] : (['certificate'] as const)),
    ...(route.kind === 'http' && route.accessList !== undefined ? (['access-list'] as const) : []),
  ];
  const kind = needed.find((each) => hidden.includes(each));
  if (kind === undefined) return undefined;
  const message = `the account of npm.identity may not see any ${kind}`;
  return { kind: 'block', reason: 'Unsupported', message, unblock: 'give it the permission' };
}

/** What this version of the proxy cannot do at all. */
function findInability(route: DesiredRoute, { streamCertificates }: ProxyAbilities): Obstacle | undefined {
  const hasTls =
    route.kind === 'stream' && route.certificate.kind !== 'none' && route.certificate.kind !== 'auto';
  if (!hasTls || streamCertificates) return undefined;
  const message = 'this version of the proxy has no certificates for streams';
  return { kind: 'block', reason: 'Unsupported', message, unblock: 'take 2.12.3 or later' };
}

/** It would be asked for again and again. */
function withAbilities(route: DesiredRoute, { trustForwardedProto }: ProxyAbilities): DesiredRoute {
  return route.kind === 'http' && !trustForwardedProto ? { ...route, trustForwardedProto: false } : route;
}

function toBody(
  route: DesiredRoute,
  leading: readonly Leading[],
  certificate: ChosenCertificate,
  list: ChosenList,
): HostBody {
  const addresses = leading.map(({ resolved }) =>
    resolved.kind === 'resolved' ? { host: resolved.host, port: resolved.port } : { host: '', port: 0 },
  );
  const [upstream = { host: '', port: 0 }, ...locations] = addresses;
  return toHostBody(route, {
    upstream,
    locations,
    certificateId: certificate.kind === 'chosen' ? certificate.id : 0,
    accessListId: list.kind === 'chosen' ? list.id : 0,
  });
}

/** A service that never ran is nothing to lead anybody to. */
function findUnready(leading: readonly Leading[]): string | undefined {
  for (const { upstream, resolved } of leading) {
    if (upstream.kind === 'address' || resolved.kind !== 'resolved') continue;
    if (resolved.target === undefined) return `${upstream.service} does not run yet`;
    if (!resolved.target.isReady) return `${upstream.service} is not ready`;
    if (upstream.reach === 'network' && resolved.target.address === '') {
      return `${resolved.target.containerName} is not in the network that it shares with the proxy`;
    }
  }
  return undefined;
}
