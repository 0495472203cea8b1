// A proxy in memory, on the level of our own types: what the planner's tests and the simulation run against. How the
// real one answers over HTTP is the matter of test/support/npm.

import { sharesEntry } from '#domain/routes/describe-host.ts';
import {
  type ObservedAccessList,
  type ObservedCertificate,
  type ObservedHostEntry,
  type ObservedProxy,
  toAttempt,
} from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import type { Proxy, RouteStepResult } from '#ports/proxy.ts';
import { ProxyError } from '#ports/proxy.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type MemoryProxy = Proxy & {
  readonly hosts: ObservedHostEntry[];
  readonly accessLists: ObservedAccessList[];
  readonly certificates: ObservedCertificate[];
  /** Every write that changed something, in order: `create-host a.test`. */
  readonly writes: string[];
  /** What nginx says to a body; undefined: it takes it. */
  refuse: (body: ObservedHostEntry['body']) => string | undefined;
};

export function createMemoryProxy(version = '2.15.1'): MemoryProxy {
  let nextId = 1;
  const hosts: ObservedHostEntry[] = [];
  const accessLists: ObservedAccessList[] = [];
  const certificates: ObservedCertificate[] = [];
  const writes: string[] = [];

  function indexOf(kind: string, id: number): number {
    const index = hosts.findIndex((host) => host.kind === kind && host.id === id);
    if (index === -1) throw new ProxyError('PROXY_INVALID_REQUEST', `Not Found - ${id}`);
    return index;
  }

  function findTaken(body: ObservedHostEntry['body'], ownId?: number): ObservedHostEntry | undefined {
    if (body.kind === 'stream') return undefined;
    return hosts.find((host) => host.kind !== 'stream' && host.id !== ownId && sharesEntry(host.body, body));
  }

  function put(entry: ObservedHostEntry): RouteStepResult {
    const error = proxy.refuse(entry.body);
    const stored = {
      ...entry,
      online: error === undefined,
      ...(error !== undefined && { nginxError: error }),
    };
    hosts.push(stored);
    hosts.sort((a, b) => a.id - b.id);
    return { host: stored, id: stored.id };
  }

  function runHostStep(step: RouteStep): RouteStepResult {
    switch (step.kind) {
      case 'create-host': {
        if (findTaken(step.body)) throw new ProxyError('PROXY_CONFLICT', 'is already in use');
        const { body, marker } = step;
        const refused = proxy.refuse(body);
        if (refused !== undefined) return { refused };
        return put({
          kind: body.kind,
          id: nextId++,
          body,
          enabled: true,
          online: true,
          marker,
          otherMeta: {},
        });
      }
      case 'update-host': {
        const index = indexOf(step.before.kind, step.before.id);
        if (findTaken(step.body, step.before.id)) throw new ProxyError('PROXY_CONFLICT', 'is already in use');
        const before = hosts[index] as ObservedHostEntry;
        const refused = proxy.refuse(step.body);
        if (refused !== undefined) {
          const old = before.marker ?? step.marker;
          const marker = { ...old, refused: toAttempt(step.marker), refusedBecause: refused };
          hosts[index] = { ...before, marker };
          return { host: hosts[index], refused };
        }
        const { nginxError: _, ...rest } = before;
        hosts[index] = { ...rest, body: step.body, marker: step.marker, online: before.enabled };
        return { host: hosts[index] as ObservedHostEntry };
      }
      case 'enable-host':
      case 'disable-host': {
        const index = indexOf(step.host.kind, step.host.id);
        const enabled = step.kind === 'enable-host';
        hosts[index] = { ...(hosts[index] as ObservedHostEntry), enabled, online: enabled };
        return { host: hosts[index] };
      }
      case 'delete-host':
        hosts.splice(indexOf(step.host.kind, step.host.id), 1);
        return {};
      default:
        return runSharedStep(step);
    }
  }

  function runSharedStep(step: RouteStep): RouteStepResult {
    switch (step.kind) {
      case 'create-access-list':
      case 'update-access-list': {
        const { satisfyAny, passAuth, users, clients } = step.list;
        const id = step.kind === 'update-access-list' ? step.id : nextId++;
        const usernames = users.map(({ username }) => username);
        const found = accessLists.findIndex((list) => list.id === id);
        const list = { id, name: step.name, satisfyAny, passAuth, usernames, clients };
        if (found === -1) accessLists.push(list);
        else accessLists[found] = list;
        return { id };
      }
      case 'create-certificate': {
        const { domains, expiresAtMs } = step.certificate;
        const id = nextId++;
        certificates.push({ id, provider: 'other', name: step.name, domains, expiresAtMs, isFilled: true });
        return { id };
      }
      case 'request-certificate': {
        const id = nextId++;
        const { domains } = step;
        // It is called after its domains, whatever name was asked for.
        const row = { provider: 'letsencrypt', name: domains.join(', '), domains } as const;
        certificates.push({ id, ...row, expiresAtMs: 9e12, isFilled: true });
        return { id };
      }
      case 'delete-access-list':
      case 'delete-certificate': {
        const rows: { readonly id: number }[] =
          step.kind === 'delete-access-list' ? accessLists : certificates;
        rows.splice(
          rows.findIndex(({ id }) => id === step.id),
          1,
        );
        return {};
      }
      default:
        throw new Error(`no such step: ${step.kind}`);
    }
  }

  const proxy: Mutable<MemoryProxy> = {
    hosts,
    accessLists,
    certificates,
    writes,
    refuse: () => undefined,
    observe: () =>
      Promise.resolve<ObservedProxy>(structuredClone({ version, hosts, accessLists, certificates })),
    run: async (step) => {
      writes.push(step.kind);
      return structuredClone(runHostStep(step));
    },
    close: () => undefined,
  };
  return proxy;
}
