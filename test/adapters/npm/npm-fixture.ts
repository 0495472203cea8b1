import type { NpmRequestFacts } from '#adapters/npm/npm-call.ts';
import { createNpmProxy, type NpmProxyOptions } from '#adapters/npm/npm-proxy.ts';
import { createRedactor, type Redactor } from '#domain/redactor.ts';
import type {
  DeadHostBody,
  HostBody,
  HostKind,
  ObservedHostEntry,
  ObservedProxy,
  ProxyHostBody,
  RedirectionHostBody,
  RouteMarker,
  StreamBody,
} from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { type Proxy, ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { createImitatedNginx, type ImitatedNginx } from '#test/support/npm/nginx/imitated-nginx.ts';
import { adminCredentials, type NpmOptions, startNpm, type TestNpm } from '#test/support/npm/start-npm.ts';

export type NpmRig = NpmClientRig & {
  readonly npm: TestNpm<ImitatedNginx>;
  /** One more client of the same double. */
  again(options: Partial<NpmProxyOptions>): Promise<NpmClientRig>;
  /** As somebody else, with a token of an admin. */
  call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>;
};

export type NpmClientRig = AsyncDisposable & {
  readonly proxy: Proxy;
  readonly redactor: Redactor;
  readonly facts: NpmRequestFacts[];
  readonly clock: { offsetMs: number };
  observe(): Promise<ObservedProxy>;
  run(step: StepInput): Promise<RouteStepResult>;
  host(kind: HostKind, id: number): Promise<ObservedHostEntry>;
};

type StepInput = RouteStep extends infer S ? (S extends RouteStep ? Omit<S, 'cause'> : never) : never;

const cause = { reason: 'Missing', message: 'declared' } as const;
export const signal = new AbortController().signal;

/** The client and a double, with waits that take a twentieth of their time. */
export async function startRig(
  npmOptions: Partial<NpmOptions> = {},
  proxyOptions: Partial<NpmProxyOptions> = {},
): Promise<NpmRig> {
  const clock = { offsetMs: 0 };
  const npm = await startNpm({
    restartMs: 40,
    keyCheckTimeoutMs: 20,
    now: () => Date.now() + clock.offsetMs,
    ...npmOptions,
    nginx: createImitatedNginx(),
  });
  const client = startClient(npm.url, clock, proxyOptions);
  return {
    ...client,
    npm,
    again: async (options) => startClient(npm.url, clock, options),
    call: createStranger(npm.url),
    async [Symbol.asyncDispose]() {
      client.proxy.close();
      await npm.close();
    },
  };
}

function startClient(
  url: string,
  clock: { offsetMs: number },
  options: Partial<NpmProxyOptions>,
): NpmClientRig {
  const redactor = createRedactor();
  const facts: NpmRequestFacts[] = [];
  const proxy = createNpmProxy({
    url,
    owner: marker.owner,
    identity: adminCredentials.identity,
    password: adminCredentials.secret,
    addSecret: redactor.add,
    clock: {
      nowMs: () => Date.now() + clock.offsetMs,
      monotonicMs: () => performance.now() + clock.offsetMs,
      sleep: async (ms) => new Promise((resolve) => void setTimeout(resolve, ms / 20)),
    },
    timeouts: { callMs: 2_000, certificateMs: 4_000 },
    paceMs: 0,
    onRequest: (fact) => void facts.push(fact),
    ...options,
  });
  return {
    proxy,
    redactor,
    facts,
    clock,
    observe: () => proxy.observe(signal),
    run: (step) => proxy.run({ ...step, cause } as RouteStep, signal),
    async host(kind, id) {
      const { hosts } = await proxy.observe(signal);
      const host = hosts.find((each) => each.kind === kind && each.id === id);
      if (host === undefined) throw new Error(`there is no ${kind} ${id}`);
      return host;
    },
    [Symbol.asyncDispose]: async () => proxy.close(),
  };
}

function createStranger(url: string): NpmRig['call'] {
  let token: string | undefined;
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('<') ? undefined : (JSON.parse(text) as unknown),
    };
  };
  return async (method, path, body) => {
    if (token === undefined) {
      const login = await send('POST', '/tokens', adminCredentials);
      token = (login.body as { token: string }).token;
    }
    return send(method, path, body);
  };
}

export const marker: RouteMarker = {
  owner: 'a1b2c3d4',
  stack: 'shop-prod',
  route: 'web',
  generation: '0123456789ab',
};

export function proxyHost(change: Partial<ProxyHostBody> = {}): ProxyHostBody {
  return {
    kind: 'proxy-host',
    domains: ['shop.test'],
    certificateId: 0,
    forceSsl: false,
    http2: false,
    hsts: false,
    hstsSubdomains: false,
    advanced: '',
    scheme: 'http',
    forwardHost: 'shop-web-1',
    forwardPort: 3000,
    accessListId: 0,
    cacheAssets: false,
    blockExploits: false,
    websockets: false,
    trustForwardedProto: false,
    locations: [],
    ...change,
  };
}

export function redirectionHost(change: Partial<RedirectionHostBody> = {}): RedirectionHostBody {
  const { domains, certificateId, forceSsl, http2, hsts, hstsSubdomains, advanced } = proxyHost();
  return {
    kind: 'redirection-host',
    domains,
    certificateId,
    forceSsl,
    http2,
    hsts,
    hstsSubdomains,
    advanced,
    scheme: 'auto',
    code: 301,
    toHost: 'new.test',
    preservePath: true,
    blockExploits: false,
    ...change,
  };
}

export function deadHost(change: Partial<DeadHostBody> = {}): DeadHostBody {
  const { domains, certificateId, forceSsl, http2, hsts, hstsSubdomains, advanced } = proxyHost();
  return {
    kind: 'dead-host',
    domains,
    certificateId,
    forceSsl,
    http2,
    hsts,
    hstsSubdomains,
    advanced,
    ...change,
  };
}

export function stream(change: Partial<StreamBody> = {}): StreamBody {
  return {
    kind: 'stream',
    listen: 15_000,
    forwardHost: '127.0.0.1',
    forwardPort: 9101,
    tcp: true,
    udp: false,
    certificateId: 0,
    ...change,
  };
}

/** A host that is there and that nginx serves. */
export async function given(rig: NpmRig, body: HostBody = proxyHost()): Promise<ObservedHostEntry> {
  const { host } = await rig.run({ kind: 'create-host', body, marker });
  if (host?.online !== true) throw new Error('the host is not online');
  rig.npm.forget();
  return host;
}

/** What a promise was rejected with; it has to be a ProxyError. */
export async function errorOf(promise: Promise<unknown>): Promise<ProxyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProxyError) return error;
  throw new Error('it was not refused as expected', { cause: error });
}

/** The file of a host as nginx has it at present; undefined: the host is not served. */
export function servedFile(rig: NpmRig, table: string, id: number): string | undefined {
  return [...rig.npm.nginx.running()].find(([path]) => path.endsWith(`/nginx/${table}/${id}.conf`))?.[1];
}
