// Every setting there is. Reading, checking, `shorefast settings`, the schema and the documentation follow
// from this table; types in settings.ts.
import type { SettingRow } from './setting-row.ts';

const second = 1000;
/** Node fires a longer timer at once. */
const longestTimer = 2 ** 31 - 1;
const day = 86_400 * second;
const mebibyte = 2 ** 20;

// What the engine gives every container anyway, and two that only touch the container itself.
const capabilities = (
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP ' +
  'SETUID SYS_CHROOT IPC_LOCK SYS_NICE'
).split(' ');

export const settingsTable = [
  { path: 'repo.url', type: 'string', description: 'State repo: http(s) address, or path of a local one.' },
  { path: 'repo.branch', type: 'string', default: 'main', description: 'Branch to follow.' },
  { path: 'repo.tag', type: 'string', description: 'Tag to follow instead of the branch.' },
  { path: 'repo.commit', type: 'string', description: 'Full commit id to stay at instead of the branch.' },
  { path: 'repo.path', type: 'string', description: 'Directory inside the repo that is the root.' },
  { path: 'repo.username', type: 'string', description: 'User name for basic authentication.' },
  { path: 'repo.password', type: 'string', secret: true, description: 'Password for basic authentication.' },
  { path: 'repo.token', type: 'string', secret: true, description: 'Access token of the Git server.' },
  {
    path: 'repo.interval',
    type: 'duration',
    default: '60s',
    min: second,
    max: longestTimer,
    description: 'How often the repo is looked at.',
  },
  {
    path: 'repo.timeout',
    type: 'duration',
    default: '60s',
    min: second,
    max: longestTimer,
    description: 'How long one look at the repo may take.',
  },
  {
    path: 'repo.maxPackBytes',
    type: 'bytes',
    default: '64MiB',
    min: 1024,
    max: 2048 * mebibyte,
    description: 'A fetch that delivers more is refused.',
  },
  {
    path: 'repo.maxObjects',
    type: 'integer',
    default: '50000',
    min: 1,
    max: 10_000_000,
    description: 'A fetch of more Git objects is refused.',
  },
  {
    path: 'owner',
    type: 'string',
    description: 'Name that marks what is ours on the engine; by default it follows from the repo.',
  },
  {
    path: 'dataDirectory',
    type: 'string',
    default: '/data',
    description: 'Where the daemon keeps its files.',
  },
  {
    path: 'docker.host',
    type: 'string',
    default: 'unix:///var/run/docker.sock',
    fallbackVariable: 'DOCKER_HOST',
    description: 'Address of the Docker Engine: unix:// or tcp://.',
  },
  { path: 'docker.tlsCa', type: 'string', description: 'File with the certificate authority of the engine.' },
  { path: 'docker.tlsCert', type: 'string', description: 'File with our certificate for the engine.' },
  { path: 'docker.tlsKey', type: 'string', description: 'File with the key of that certificate.' },
  { path: 'docker.configFile', type: 'string', description: 'Docker config.json with registry credentials.' },
  {
    path: 'docker.callTimeout',
    type: 'duration',
    default: '30s',
    min: second,
    max: longestTimer,
    description: 'How long one call to the engine may take.',
  },
  {
    path: 'docker.pullTimeout',
    type: 'duration',
    default: '15m',
    min: second,
    max: longestTimer,
    description: 'How long pulling one image may take.',
  },
  {
    path: 'registries',
    type: 'map',
    default: {},
    secret: true,
    fields: {
      username: { description: 'User name.' },
      password: { secret: true, description: 'Password or access token.' },
      identityToken: { secret: true, description: 'Identity token, instead of name and password.' },
    },
    description: 'Credentials by registry host.',
  },
  {
    path: 'build.timeout',
    type: 'duration',
    default: '30m',
    min: second,
    max: longestTimer,
    description: 'How long building one image may take.',
  },
  {
    path: 'build.maxContextBytes',
    type: 'bytes',
    default: '512MiB',
    min: 1024,
    max: 16_384 * mebibyte,
    description: 'A build context with more in its files is refused.',
  },
  {
    path: 'build.push',
    type: 'boolean',
    default: 'false',
    description: 'Whether an image that was built is pushed under the names declared for it.',
  },
  { path: 'api.host', type: 'string', default: '127.0.0.1', description: 'Address the HTTP API listens at.' },
  {
    path: 'api.port',
    type: 'integer',
    default: '7710',
    min: 0,
    max: 65_535,
    description: 'Port of the HTTP API; 0 takes a free one.',
  },
  {
    path: 'api.token',
    type: 'string',
    secret: true,
    description: 'Bearer token that every request but /healthz must carry.',
  },
  {
    path: 'log.level',
    type: 'string',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    description: 'What is logged.',
  },
  {
    path: 'log.format',
    type: 'string',
    default: 'auto',
    choices: ['auto', 'json', 'pretty'],
    description: 'auto is pretty on a terminal and JSON elsewhere.',
  },
  {
    path: 'reconcile.concurrency',
    type: 'integer',
    default: '8',
    min: 1,
    max: 64,
    description: 'Changes that are made on the engine at once.',
  },
  {
    path: 'reconcile.pullConcurrency',
    type: 'integer',
    default: '2',
    min: 1,
    max: 16,
    description: 'Images that are pulled at once from one registry.',
  },
  {
    path: 'reconcile.auditInterval',
    type: 'duration',
    default: '15m',
    min: 10 * second,
    max: longestTimer,
    description: 'How often everything is inspected anew, whatever events say.',
  },
  {
    path: 'history.maxAge',
    type: 'duration',
    default: '90d',
    min: 3600 * second,
    max: 3650 * day,
    description: 'What is older is removed from the history; the last ten generations of a service stay.',
  },
  {
    path: 'history.maxSize',
    type: 'bytes',
    default: '100MiB',
    min: mebibyte,
    max: 10_240 * mebibyte,
    description: 'Greatest size of the history; the oldest is removed first.',
  },
  {
    path: 'prune.enabled',
    type: 'boolean',
    default: 'true',
    description: 'Whether what is no longer declared is removed.',
  },
  {
    path: 'prune.maxRemovals',
    type: 'integer',
    default: '3',
    min: 0,
    max: 10_000,
    description: 'More removals than this and than prune.maxPercent wait for approval.',
  },
  {
    path: 'prune.maxPercent',
    type: 'integer',
    default: '30',
    min: 0,
    max: 100,
    description: 'Share of what is ours that may be removed without approval.',
  },
  {
    path: 'breaker.maxChanges',
    type: 'integer',
    default: '3',
    min: 0,
    max: 10_000,
    description:
      'More replacements in ten minutes than this and than breaker.maxPercent, unasked for by Git, wait for approval.',
  },
  {
    path: 'breaker.maxPercent',
    type: 'integer',
    default: '30',
    min: 0,
    max: 100,
    description: 'Share of what is ours that may be replaced so without approval.',
  },
  {
    path: 'npm.url',
    type: 'string',
    description: 'Nginx Proxy Manager: address of its admin page, http://npm:81. Without it, routes wait.',
  },
  { path: 'npm.identity', type: 'string', description: 'E-mail address of the account to use there.' },
  { path: 'npm.password', type: 'string', secret: true, description: 'Its password.' },
  {
    path: 'npm.totpSecret',
    type: 'string',
    secret: true,
    description: 'Where the account has a second factor: its secret, in Base32.',
  },
  {
    path: 'npm.interval',
    type: 'duration',
    default: '60s',
    min: second,
    max: longestTimer,
    description: 'How often the routes are looked at.',
  },
  {
    path: 'npm.timeout',
    type: 'duration',
    default: '30s',
    min: second,
    max: longestTimer,
    description: 'How long one call to it may take; with 200 hosts, a write takes more than a second.',
  },
  {
    path: 'npm.probeUrl',
    type: 'string',
    description: 'Where requests go through it, to see that a route answers; by default port 80 of its host.',
  },
  {
    path: 'npm.probeTlsUrl',
    type: 'string',
    description: 'The same for routes that force TLS; by default port 443 of that host.',
  },
  {
    path: 'npm.hostAddress',
    type: 'string',
    description: 'Address of this Docker host as the proxy sees it; for routes with `reach: host`.',
  },
  {
    path: 'npm.reservedPorts',
    type: 'list',
    default: [],
    description: 'Ports that no stream may listen on, beside 80, 443, 81 and 3000.',
  },
  {
    path: 'policy.allowPrivileged',
    type: 'boolean',
    default: 'false',
    description:
      'Whether the state repo may ask for privileged containers, devices, annotations and loosened security options.',
  },
  {
    path: 'policy.allowHostNetwork',
    type: 'boolean',
    default: 'true',
    description: 'Whether it may ask for the network of the host.',
  },
  {
    path: 'policy.allowBuild',
    type: 'boolean',
    default: 'true',
    description: 'Whether it may have images built, which runs its commands on the engine.',
  },
  {
    path: 'policy.allowedCapabilities',
    type: 'list',
    default: capabilities,
    description: 'Capabilities it may add; ALL allows every one.',
  },
  {
    path: 'policy.allowedBindPaths',
    type: 'list',
    default: ['/srv', '/opt', '/mnt', '/media', '/home', '/data', '/etc/localtime', '/etc/timezone'],
    itemPrefix: '/',
    description: 'Paths of the host that may be mounted, with all below them.',
  },
  {
    path: 'policy.allowAdvancedNginx',
    type: 'boolean',
    default: 'false',
    description: 'Whether it may give routes nginx configuration of their own.',
  },
] as const satisfies readonly SettingRow[];

export type SettingPath = (typeof settingsTable)[number]['path'];

/** Read by no setting, but no mistake either: where the settings file is. */
export const settingsFileVariable = 'SHOREFAST_SETTINGS';
