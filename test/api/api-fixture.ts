import type { ApiActions } from '#api/api-actions.ts';
import { type ApiServerOptions, startApiServer } from '#api/server.ts';
import type { EventView, PastCycleView } from '#contract/history.ts';
import type { RouteListView } from '#contract/routes.ts';
import type { ConditionView, StackView, StatusView } from '#contract/status.ts';
import type { Log } from '#ports/log.ts';
import { StoreError } from '#ports/store.ts';

const ready: ConditionView = {
  type: 'Ready',
  status: 'False',
  reason: 'Retrying',
  message: 'the engine does not answer',
  since: '2026-01-01T00:00:00.000Z',
  retryAt: '2026-01-01T00:01:00.000Z',
  unblock: 'start the engine',
};

const stackView: StackView = {
  name: 'web-prod',
  app: 'web',
  stage: 'prod',
  revision: 'main@sha1:0123456789012345678901234567890123456789',
  result: 'retrying',
  health: 'degraded',
  drifted: 1,
  ready,
  conditions: [ready],
  services: [
    {
      name: 'web',
      image: 'nginx:1.27',
      generation: '0123456789ab',
      wantedReplicas: 2,
      readyReplicas: 1,
      health: 'degraded',
      containers: [{ id: 'abc', name: 'web-1', state: 'running' }],
    },
  ],
  drift: [
    {
      object: 'container web-1',
      service: 'web',
      kind: 'changed',
      field: 'state',
      path: 'state',
      wanted: 'running',
      found: 'exited',
      drift: true,
    },
  ],
  overrides: [
    {
      kind: 'rolled-back',
      service: 'web',
      reason: 'broken',
      since: '2026-01-01T00:00:00.000Z',
      until: '2026-01-02T00:00:00.000Z',
      generation: 'ba9876543210',
      image: 'nginx:1.26',
    },
  ],
  lastCycle: {
    trigger: 'event',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 12.5,
    steps: [
      {
        kind: 'start-container',
        target: 'container web-1',
        cause: {
          reason: 'Drifted',
          message: 'it is stopped',
          path: 'state',
          wanted: 'running',
          found: 'exited',
        },
        result: 'failed',
        durationMs: 3,
        error: { code: 'ENGINE_FAILED', message: 'no' },
      },
    ],
    pending: ['start-container container web-1: it is stopped'],
  },
};

const statusView: StatusView = {
  version: '0.1.0',
  owner: 'home',
  source: {
    url: 'https://git.example.com/state',
    revision: stackView.revision,
    lastFetch: ready.since,
    conditions: [ready],
  },
  engine: { reachable: true, version: '20.10.24', apiVersion: '1.41', message: 'fine' },
  stacks: { total: 1, ready: 0 },
  invalidApps: [{ app: 'bad', problems: ['apps/bad/app.yaml:1:1: no'] }],
  conditions: [ready],
};

export const eventView: EventView = {
  id: 7,
  at: ready.since,
  kind: 'rolled-out',
  stack: stackView.name,
  service: 'web',
  revision: stackView.revision,
  code: 'X',
  message: 'web 0123456789ab (nginx:1.27)',
};

const pastCycle: PastCycleView = {
  id: 42,
  stack: stackView.name,
  app: stackView.app,
  revision: stackView.revision,
  trigger: 'revision',
  result: 'waiting',
  startedAt: ready.since,
  durationMs: 12,
  repeats: 1,
  lastAt: ready.since,
  stepCount: 1,
  failedCount: 1,
  message: 'no',
  generations: { web: '0123456789ab' },
  steps: stackView.lastCycle.steps,
  pending: stackView.lastCycle.pending,
  evidence: [
    {
      service: 'web',
      generation: '0123456789ab',
      container: 'web-1--01234567',
      at: ready.since,
      reason: 'it ended with code 3',
      exitCode: 3,
      oomKilled: false,
      probeOutput: 'refused',
      logLines: ['starting'],
    },
  ],
};

const routeListView: RouteListView = {
  proxy: { configured: true, url: 'http://npm:81', reachable: true },
  routes: [
    {
      stack: 'shop',
      name: 'shop.example.com',
      kind: 'http',
      entries: ['shop.example.com'],
      leadsTo: 'http://shop-web-1:3000',
      state: 'ready',
      message: '',
      id: 7,
      certificate: 'wildcard',
      certificateExpires: '2027-01-01T00:00:00.000Z',
    },
  ],
  blocked: [],
};

export type Recorded = {
  readonly requests: unknown[];
  readonly logged: unknown[];
  readonly listeners: Set<(event: EventView) => void>;
};

/** A real server on a free port, in front of actions that know one stack. */
export async function startFixture(changes: Partial<ApiServerOptions> & { isReady?: boolean } = {}) {
  const recorded: Recorded = { requests: [], logged: [], listeners: new Set() };
  const { isReady: readiness = true, ...options } = changes;
  const server = await startApiServer({
    host: '127.0.0.1',
    port: 0,
    actions: createActions(recorded, readiness),
    metrics: { text: async (accept) => ({ contentType: 'text/plain', body: `accept ${accept}\n` }) },
    log: recordingLog(recorded),
    ...options,
  });
  return { ...server, ...recorded };
}

export function createActions(recorded: Recorded, isReady: boolean): ApiActions {
  return {
    status: () => statusView,
    stacks: () => {
      const { conditions: _c, services: _s, drift: _d, overrides: _o, lastCycle: _l, ...summary } = stackView;
      return { stacks: [summary] };
    },
    stack: (name) => (name === stackView.name ? stackView : undefined),
    routes: () => routeListView,
    reconcile(request) {
      if (request.stack !== undefined && request.stack !== stackView.name) {
        return { accepted: false, reason: 'UnknownStack', message: `there is no stack ${request.stack}` };
      }
      recorded.requests.push(request);
      return { accepted: true };
    },
    history(query) {
      if (query.stack === 'unreadable') throw new StoreError('STORE_LOCKED', 'database is locked');
      recorded.requests.push(query);
      const { app: _a, generations: _g, steps: _s, pending: _p, evidence: _e, ...summary } = pastCycle;
      return { cycles: [summary] };
    },
    pastCycle: (id) => (id === pastCycle.id ? pastCycle : undefined),
    events(query) {
      recorded.requests.push(query);
      return { events: [eventView] };
    },
    watchEvents(listener) {
      recorded.listeners.add(listener);
      return () => void recorded.listeners.delete(listener);
    },
    diff({ stack, from, to }) {
      if (from === 'none') return { kind: 'unknown', message: 'no version none' };
      if (from === 'dead') return { kind: 'ambiguous', message: 'more digits' };
      const changes = [{ path: 'image', from: 'nginx:1.26', to: 'nginx:1.27' }];
      const changed = { service: 'web', kind: 'changed', from: 'a (x)', to: 'b (y)', changes } as const;
      return { kind: 'compared', view: { stack, from, to, services: [changed] } };
    },
    async changeStack(name, request) {
      if (name !== stackView.name) {
        return { kind: 'refused', code: 'STACK_NOT_FOUND', message: `there is no stack ${name}` };
      }
      recorded.requests.push({ stack: name, ...request });
      if (request.action !== 'rollback') return { kind: 'accepted', changes: ['web: to be otherwise'] };
      return { kind: 'refused', code: 'ROLLBACK_IMPOSSIBLE', message: 'web:1 is not on the host any more' };
    },
    approve({ token }) {
      recorded.requests.push({ token });
      if (token === 'cafe') return { kind: 'accepted', changes: [] };
      return { kind: 'refused', code: 'APPROVAL_NOT_FOUND', message: 'nothing waits for it' };
    },
    isReady: () => ({ ready: isReady, message: isReady ? 'all is well' : 'repo.url is not set' }),
  };
}

export function recordingLog({ logged }: Pick<Recorded, 'logged'>): Log {
  const write = (event: string, fields?: unknown) => logged.push([event, fields]);
  return { debug: write, info: write, warn: write, error: write };
}
