import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import type { NpmParts } from './answer-request.ts';
import { getBodyCheck } from './api/check-body.ts';
import { addUser } from './api/users.ts';
import { type Certbot, createCertbot } from './certbot.ts';
import { createFaults, isWrite, type NpmFaults, type RecordedNpmCall } from './faults.ts';
import { createImitatedNginx, type ImitatedNginx } from './nginx/imitated-nginx.ts';
import type { Nginx } from './nginx/nginx.ts';
import type { NpmCore } from './npm-core.ts';
import { createNpmDispatcher } from './npm-dispatcher.ts';
import { createAbsentServer, startNpmServer } from './npm-server.ts';
import { createState, liveRows, type NpmState, restoreState, saveState } from './npm-state.ts';
import { parseNpmVersion } from './npm-version.ts';

export const adminCredentials = { identity: 'admin@example.com', secret: 'changeme' };

export type NpmOptions<SomeNginx extends Nginx = ImitatedNginx> = {
  /** `2.15.1` when absent. From 2.16.0 on, a version that is not there yet. */
  readonly version?: string;
  /** An imitation when absent; else see `nginx/directory-nginx.ts`. */
  readonly nginx?: SomeNginx;
  /** An admin with `adminCredentials` is there; true when absent. Versions before 2.13.0 bring one always. */
  readonly hasAdmin?: boolean;
  /** Any when absent; `none`: only its dispatchers reach it. */
  readonly port?: number | 'none';
  /**
   * What NPM's database knows is written here after every call that changes something, and read at the start. The
   * files are nginx's: the same `nginx` has them still.
   */
  readonly stateFile?: string;
  readonly now?: () => number;
  readonly timestamps?: 'local' | 'iso';
  /** How long the supervisor needs to start a dead back end again; a second when absent. */
  readonly restartMs?: number;
  /** 10 s in NPM, and here when absent. */
  readonly keyCheckTimeoutMs?: number;
};

/** A Nginx Proxy Manager that behaves as the recorded one did, on a port of 127.0.0.1. */
export type TestNpm<SomeNginx extends Nginx = ImitatedNginx> = AsyncDisposable & {
  /** `http://127.0.0.1:41234`: the admin port, API below `/api`. */
  readonly url: string;
  /** For clients within this process: without connections, so in a tenth of the time. */
  dispatcher(): Dispatcher;
  readonly state: NpmState;
  readonly nginx: SomeNginx;
  readonly certbot: Certbot;
  readonly faults: NpmFaults;
  /**
   * What becomes of connections to the admin port, which the same nginx serves, when that is reloaded: idle ones
   * are closed (as it is), all are kept, or all are reset, that of the request which caused it as well.
   */
  onReload: 'close-idle' | 'keep' | 'reset';
  /** Every request and its answer, from the first one or the last `forget`. */
  calls(): readonly RecordedNpmCall[];
  /** Those that change something: all but reads and logins. */
  writes(): readonly RecordedNpmCall[];
  forget(): void;
  /** The back end dies, with whatever it is doing: 502 until it is up again. */
  crash(): void;
  untilUp(): Promise<void>;
  /** Nobody listens any more, until `setUp`. */
  setDown(): Promise<void>;
  setUp(): Promise<void>;
  close(): Promise<void>;
};

export async function startNpm(options?: NpmOptions): Promise<TestNpm>;
export async function startNpm<SomeNginx extends Nginx>(
  options: NpmOptions<SomeNginx> & { nginx: SomeNginx },
): Promise<TestNpm<SomeNginx>>;
export async function startNpm(options: NpmOptions<Nginx> = {}): Promise<TestNpm<Nginx>> {
  const state = createState(options);
  const nginx = options.nginx ?? createImitatedNginx();
  const faults = createFaults();
  const backEnd = createBackEnd(options.restartMs ?? 1000);

  async function reload(): Promise<void> {
    await nginx.reload();
    if (npm.onReload === 'close-idle') server.closeIdle();
    if (npm.onReload === 'reset') server.resetAll();
  }

  const version = parseNpmVersion(options.version ?? '2.15.1');
  const core: NpmCore = {
    version,
    state,
    nginx: { ...nginx, options: { ...nginx.options, reusePort: version.isSince('2.15.2') }, reload },
    certbot: createCertbot(state.now),
    keyCheckTimeoutMs: options.keyCheckTimeoutMs ?? 10_000,
    crash: backEnd.crash,
  };
  prepareState(core, options);

  let calls: RecordedNpmCall[] = [];
  const onCall = (call: RecordedNpmCall): void => {
    calls.push(call);
    if (options.stateFile !== undefined && isWrite(call)) writeFileSync(options.stateFile, saveState(state));
  };
  const bodyCheck = getBodyCheck(core.version);
  const parts: NpmParts = { core, bodyCheck, faults, backEnd, onCall };
  const server =
    options.port === 'none' ? createAbsentServer() : await startNpmServer(parts, options.port ?? 0);

  async function close(): Promise<void> {
    backEnd.stop();
    await server.setDown();
  }

  const npm: TestNpm<Nginx> = {
    onReload: 'close-idle',
    url: server.url,
    dispatcher: () => createNpmDispatcher(parts),
    state,
    nginx,
    certbot: core.certbot,
    faults,
    calls: () => calls,
    writes: () => calls.filter(isWrite),
    forget() {
      calls = [];
    },
    crash: backEnd.crash,
    untilUp: backEnd.untilUp,
    setDown: server.setDown,
    setUp: server.setUp,
    close,
    [Symbol.asyncDispose]: close,
  };
  return npm;
}

function prepareState(core: NpmCore, options: NpmOptions<Nginx>): void {
  const { stateFile } = options;
  if (stateFile !== undefined && existsSync(stateFile)) {
    restoreState(core.state, readFileSync(stateFile, 'utf8'));
  }
  const bringsAdmin = options.hasAdmin !== false || !core.version.isSince('2.13.0');
  if (!bringsAdmin || liveRows(core.state, 'user').length > 0) return;
  addUser(
    core,
    { token: undefined },
    {
      name: 'Administrator',
      nickname: 'Admin',
      email: adminCredentials.identity,
      roles: ['admin'],
      auth: { type: 'password', secret: adminCredentials.secret },
    },
  );
}

function createBackEnd(restartMs: number) {
  let life = 1;
  let restart: { timer: NodeJS.Timeout; done: PromiseWithResolvers<void> } | undefined;
  return {
    life: () => (restart === undefined ? life : undefined),
    crash(): void {
      if (restart !== undefined) return;
      const done = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        life += 1;
        restart = undefined;
        done.resolve();
      }, restartMs);
      restart = { timer, done };
    },
    async untilUp(): Promise<void> {
      await restart?.done.promise;
    },
    stop(): void {
      clearTimeout(restart?.timer);
      restart?.done.resolve();
    },
  };
}
