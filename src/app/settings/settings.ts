import type { HostPolicy } from '#domain/host-policy.ts';
import type { MapEntries, SettingValue } from './setting-row.ts';
import type { SettingPath, settingsTable } from './settings-table.ts';

/** The effective settings of one run of the program. */
export type Settings = {
  readonly repo: {
    readonly url?: string;
    readonly branch: string;
    readonly tag?: string;
    readonly commit?: string;
    readonly path?: string;
    readonly username?: string;
    readonly password?: string;
    readonly token?: string;
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly maxPackBytes: number;
    readonly maxObjects: number;
  };
  readonly owner?: string;
  readonly dataDirectory: string;
  readonly docker: {
    readonly host: string;
    readonly tlsCa?: string;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    readonly configFile?: string;
    readonly callTimeoutMs: number;
    readonly pullTimeoutMs: number;
  };
  readonly registries: Readonly<Record<string, RegistryCredentials>>;
  readonly build: { readonly timeoutMs: number; readonly maxContextBytes: number; readonly push: boolean };
  readonly api: { readonly host: string; readonly port: number; readonly token?: string };
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'auto' | 'json' | 'pretty';
  };
  readonly reconcile: {
    readonly concurrency: number;
    readonly pullConcurrency: number;
    readonly auditIntervalMs: number;
  };
  readonly history: { readonly maxAgeMs: number; readonly maxSizeBytes: number };
  readonly prune: { readonly enabled: boolean; readonly maxRemovals: number; readonly maxPercent: number };
  readonly breaker: { readonly maxChanges: number; readonly maxPercent: number };
  readonly npm: {
    readonly url?: string;
    readonly identity?: string;
    readonly password?: string;
    readonly totpSecret?: string;
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly probeUrl?: string;
    readonly probeTlsUrl?: string;
    readonly hostAddress?: string;
    readonly reservedPorts: readonly string[];
  };
  readonly policy: HostPolicy;
};

type RegistryCredentials = {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
};

type ValueOfType = {
  string: string;
  integer: number;
  boolean: boolean;
  duration: number;
  bytes: number;
  list: readonly string[];
  map: MapEntries;
};
type RowOf<P extends SettingPath> = Extract<(typeof settingsTable)[number], { path: P }>;
type ValueOf<P extends SettingPath> =
  | (RowOf<P> extends { choices: readonly (infer Choice)[] } ? Choice : ValueOfType[RowOf<P>['type']])
  | (RowOf<P> extends { default: unknown } ? never : undefined);

/** From checked values, one for every row that has a default. */
export function toSettings(values: ReadonlyMap<string, SettingValue>): Settings {
  // The values were read by the table's types, so this is what the table promises.
  const get = <P extends SettingPath>(path: P) => values.get(path) as ValueOf<P>;
  return {
    repo: {
      branch: get('repo.branch'),
      intervalMs: get('repo.interval'),
      timeoutMs: get('repo.timeout'),
      maxPackBytes: get('repo.maxPackBytes'),
      maxObjects: get('repo.maxObjects'),
      ...present({
        url: get('repo.url'),
        tag: get('repo.tag'),
        commit: get('repo.commit'),
        path: get('repo.path'),
        username: get('repo.username'),
        password: get('repo.password'),
        token: get('repo.token'),
      }),
    },
    ...present({ owner: get('owner') }),
    dataDirectory: get('dataDirectory'),
    docker: {
      host: get('docker.host'),
      callTimeoutMs: get('docker.callTimeout'),
      pullTimeoutMs: get('docker.pullTimeout'),
      ...present({
        tlsCa: get('docker.tlsCa'),
        tlsCert: get('docker.tlsCert'),
        tlsKey: get('docker.tlsKey'),
        configFile: get('docker.configFile'),
      }),
    },
    registries: get('registries'),
    build: {
      timeoutMs: get('build.timeout'),
      maxContextBytes: get('build.maxContextBytes'),
      push: get('build.push'),
    },
    api: { host: get('api.host'), port: get('api.port'), ...present({ token: get('api.token') }) },
    log: { level: get('log.level'), format: get('log.format') },
    reconcile: {
      concurrency: get('reconcile.concurrency'),
      pullConcurrency: get('reconcile.pullConcurrency'),
      auditIntervalMs: get('reconcile.auditInterval'),
    },
    history: { maxAgeMs: get('history.maxAge'), maxSizeBytes: get('history.maxSize') },
    prune: {
      enabled: get('prune.enabled'),
      maxRemovals: get('prune.maxRemovals'),
      maxPercent: get('prune.maxPercent'),
    },
    breaker: { maxChanges: get('breaker.maxChanges'), maxPercent: get('breaker.maxPercent') },
    npm: {
      intervalMs: get('npm.interval'),
      timeoutMs: get('npm.timeout'),
      reservedPorts: get('npm.reservedPorts'),
      ...present({
        url: get('npm.url'),
        identity: get('npm.identity'),
        password: get('npm.password'),
        totpSecret: get('npm.totpSecret'),
        probeUrl: get('npm.probeUrl'),
        probeTlsUrl: get('npm.probeTlsUrl'),
        hostAddress: get('npm.hostAddress'),
      }),
    },
    policy: {
      allowPrivileged: get('policy.allowPrivileged'),
      allowHostNetwork: get('policy.allowHostNetwork'),
      allowBuild: get('policy.allowBuild'),
      allowedCapabilities: get('policy.allowedCapabilities'),
      allowedBindPaths: get('policy.allowedBindPaths'),
      allowAdvancedNginx: get('policy.allowAdvancedNginx'),
    },
  };
}

/** Without what is undefined, so that an absent setting is an absent property. */
function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
