import type { HostTable } from '../nginx/configure.ts';
import type { NpmVersion } from '../npm-version.ts';
import type { Area } from './access.ts';

/** What the four kinds of hosts differ in. */
export type HostKind = {
  readonly table: HostTable;
  /** In the path: `proxy-hosts`. */
  readonly collection: string;
  readonly area: Area;
  readonly objectType: string;
  readonly noun: 'Host' | 'Stream';
  readonly expansions: readonly string[];
  /** What is fetched for nginx when a host is written, and answered. */
  readonly full: string;
  /** What is fetched for nginx by `enable`: without the users of a list, which makes the host public. */
  readonly forEnable: string;
  /** Relations whose `is_deleted` is not told. */
  readonly tidyRelations: readonly string[];
  readonly orderBy: 'domain_names' | 'incoming_port';
  readonly defaults: (version: NpmVersion) => Record<string, unknown>;
};

const tls = {
  certificate_id: 0,
  ssl_forced: false,
  http2_support: false,
  hsts_enabled: false,
  hsts_subdomains: false,
};
const common = { is_deleted: false, enabled: true };

const proxyHosts: HostKind = {
  table: 'proxy_host',
  collection: 'proxy-hosts',
  area: 'proxy_hosts',
  objectType: 'proxy-host',
  noun: 'Host',
  expansions: ['owner', 'certificate', 'access_list', 'access_list.clients', 'access_list.items'],
  full: 'certificate,owner,access_list.[clients,items]',
  forEnable: 'certificate,owner,access_list',
  tidyRelations: ['owner'],
  orderBy: 'domain_names',
  defaults: (version) => ({
    ...common,
    ...tls,
    access_list_id: 0,
    caching_enabled: false,
    block_exploits: false,
    advanced_config: '',
    meta: {},
    allow_websocket_upgrade: false,
    locations: null,
    ...(version.isSince('2.14.0') ? { trust_forwarded_proto: false } : {}),
  }),
};

const redirectionHosts: HostKind = {
  table: 'redirection_host',
  collection: 'redirection-hosts',
  area: 'redirection_hosts',
  objectType: 'redirection-host',
  noun: 'Host',
  expansions: ['owner', 'certificate'],
  full: 'certificate,owner',
  forEnable: 'certificate,owner',
  tidyRelations: [],
  orderBy: 'domain_names',
  defaults: () => ({
    ...common,
    ...tls,
    preserve_path: false,
    block_exploits: false,
    advanced_config: '',
    meta: {},
  }),
};

const deadHosts: HostKind = {
  table: 'dead_host',
  collection: 'dead-hosts',
  area: 'dead_hosts',
  objectType: 'dead-host',
  noun: 'Host',
  expansions: ['owner', 'certificate'],
  full: 'certificate,owner',
  forEnable: 'certificate,owner',
  tidyRelations: [],
  orderBy: 'domain_names',
  defaults: () => ({ ...common, ...tls, advanced_config: '', meta: {} }),
};

const streams: HostKind = {
  table: 'stream',
  collection: 'streams',
  area: 'streams',
  objectType: 'stream',
  noun: 'Stream',
  expansions: ['owner', 'certificate'],
  full: 'certificate,owner',
  forEnable: 'certificate,owner',
  tidyRelations: ['owner', 'certificate'],
  orderBy: 'incoming_port',
  defaults: (version) => ({
    ...common,
    tcp_forwarding: false,
    udp_forwarding: false,
    meta: {},
    ...(version.isSince('2.12.3') ? { certificate_id: 0 } : {}),
  }),
};

export const hostKinds = [proxyHosts, redirectionHosts, deadHosts, streams];
