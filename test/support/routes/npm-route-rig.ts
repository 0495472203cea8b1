// The real client and the real loop against the double of Nginx Proxy Manager; containers are those of an engine in
// memory, and Git is a variable.
import { createHash } from 'node:crypto';
import type { DesiredApp, DriftMode } from '#domain/desired.ts';
import { appLabel, ownerLabel, serviceLabel, stackLabel } from '#domain/labels.ts';
import type { Problem } from '#domain/problem.ts';
import type { DesiredProxy, DesiredRoute } from '#domain/routes/desired-route.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import { type Approvals, createApprovals } from '#reconcile/approvals.ts';
import { createSource, type Source } from '#reconcile/source.ts';
import { anApp, aService, aStack, testOwner } from '../builders.ts';
import type { MemoryContainer } from '../memory-engine/memory-world.ts';
import { createMemoryEngine, type MemoryEngine } from '../memory-engine.ts';
import { createMemoryStore } from '../memory-store.ts';
import { createImitatedNginx, type ImitatedNginx } from '../npm/nginx/imitated-nginx.ts';
import { loginTo, loginWithin, type NpmClient } from '../npm/npm-client.ts';
import { type NpmOptions, startNpm, type TestNpm } from '../npm/start-npm.ts';
import { createHeldClock, type HeldClock } from './held-clock.ts';
import { type RouteDaemon, type RouteDaemonParts, startRouteDaemon } from './route-daemon.ts';

export type Declaration = {
  /** Of the stack `web`, whose only service is `app`. */
  readonly routes?: readonly DesiredRoute[];
  readonly drift?: DriftMode;
  readonly driftIgnore?: readonly string[];
  readonly proxy?: Partial<DesiredProxy>;
  /** With an error among them, `proxy` counts for nothing. */
  readonly fleetProblems?: readonly Problem[];
  /** In place of the stack `web`. */
  readonly apps?: readonly DesiredApp[];
};

export type NpmRouteRig = AsyncDisposable & {
  readonly npm: TestNpm<ImitatedNginx>;
  /** Somebody else, with a browser. */
  readonly human: NpmClient;
  readonly clock: HeldClock;
  readonly engine: MemoryEngine;
  readonly approvals: Approvals;
  readonly source: Source;
  /** The one that lives. */
  readonly daemon: RouteDaemon;
  /** As a commit does. */
  declare(declaration: Declaration): Promise<void>;
  /** Declares, and looks until nothing is left to do. */
  converge(declaration?: Declaration): Promise<void>;
  look(): Promise<readonly RouteOutcome[]>;
  /** A new one, with an empty memory. */
  restart(): void;
};

const sharedNetwork = 'proxy';

export type NpmRouteRigOptions = Partial<NpmOptions> & {
  readonly resolves?: (name: string) => boolean;
  readonly daemon?: Partial<Pick<RouteDaemonParts, 'random' | 'password' | 'callMs'>>;
};

export async function startNpmRouteRig(options: NpmRouteRigOptions = {}): Promise<NpmRouteRig> {
  const { resolves, daemon: daemonParts, ...npmOptions } = options;
  const isWithin = npmOptions.port === 'none';
  const clock = createHeldClock();
  const npm = await startNpm({
    restartMs: 0,
    keyCheckTimeoutMs: 0,
    now: clock.nowMs,
    ...npmOptions,
    nginx: createImitatedNginx(resolves === undefined ? {} : { resolves }),
  });
  const engine = createMemoryEngine();
  putContainer(engine, { stack: 'web', service: 'app' });
  const approvals = createApprovals(
    testOwner,
    { enabled: true, maxRemovals: 3, maxPercent: 30 },
    clock,
    createMemoryStore(),
  );
  const git = createVariableGit();
  const source = createSource({ git, clock: clock.ofLoop(() => 0.5), load: async () => git.loaded() });
  const boot = (): RouteDaemon =>
    startRouteDaemon({
      url: npm.url,
      owner: testOwner,
      clock,
      engine,
      source,
      approvals,
      network: sharedNetwork,
      ...daemonParts,
      ...(isWithin && { dispatcher: npm.dispatcher() }),
    });
  let daemon = boot();
  const human = isWithin ? await loginWithin(npm) : await loginTo(npm);

  async function declare(declaration: Declaration): Promise<void> {
    git.commit(declaration);
    await source.refresh(new AbortController().signal);
  }

  return {
    npm,
    human,
    clock,
    engine,
    approvals,
    source,
    get daemon() {
      return daemon;
    },
    declare,
    async converge(declaration) {
      if (declaration !== undefined) await declare(declaration);
      await daemon.look('anew');
      const failed = daemon.outcomes.filter(({ result }) => result !== 'done');
      if (daemon.board.failure() !== undefined || failed.length > 0) {
        throw new Error(JSON.stringify([daemon.board.failure(), failed]));
      }
    },
    look: () => daemon.look(),
    restart() {
      daemon.kill();
      daemon = boot();
    },
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await npm.close();
    },
  };
}

function createVariableGit() {
  let state = toState({});
  let commits = 0;
  return {
    commit(declaration: Declaration): void {
      state = toState(declaration);
      commits += 1;
    },
    loaded: () => ({ kind: 'loaded', state }) as const,
    fetch: async () => ({ revision: `main@sha1:${commits}`, tree: undefined as never }),
    lastFetched: async () => undefined,
    discard: async () => undefined,
  };
}

function toState({ routes = [], drift = 'heal', driftIgnore = [], ...rest }: Declaration) {
  const { proxy, apps, fleetProblems } = rest;
  const services = [aService({ name: 'app', stack: 'web' })];
  const stack = aStack({ name: 'web', app: 'web', services, routes, drift, driftIgnore });
  return {
    fleet: {
      allowEmpty: false,
      network: sharedNetwork,
      ...(fleetProblems === undefined
        ? { proxy: { routes: [], accessLists: [], certificates: [], ...proxy } }
        : { problems: fleetProblems }),
    },
    apps: apps ?? [anApp([stack])],
  };
}

/** With the generation that follows from the rest of it. */
export function declared<R extends DesiredRoute>(route: R): R {
  const { generation: _, ...rest } = route;
  return { ...route, generation: toGeneration(rest).slice(0, 12) };
}

export function toGeneration(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** A container that runs and holds its service's first name; one that did before is gone. */
export function putContainer(
  engine: MemoryEngine,
  { stack, service }: { readonly stack: string; readonly service: string },
): MemoryContainer {
  const name = `${stack}-${service}-1`;
  for (const [id, each] of engine.containers) if (each.name === name) engine.containers.delete(id);
  const { spec } = aService({ name: service, stack });
  const container: MemoryContainer = {
    id: createHash('sha256').update(`${name} ${engine.newId()}`).digest('hex'),
    name,
    labels: { [ownerLabel]: testOwner, [appLabel]: stack, [stackLabel]: stack, [serviceLabel]: service },
    imageId: 'sha256:1',
    state: 'running',
    health: undefined,
    exitCode: undefined,
    networkMode: sharedNetwork,
    networks: new Set([sharedNetwork]),
    addresses: new Map(),
    ports: [],
    volumeNames: [],
    startedAtMs: 1,
    finishedAtMs: 0,
    restartCount: 0,
    error: '',
    restartPolicy: { name: 'unless-stopped', maxRetries: 0 },
    spec,
    files: {},
    run: 1,
    stoppedByCall: false,
  };
  engine.containers.set(container.id, container);
  return container;
}
