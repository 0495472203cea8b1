import type { NpmVersion } from '../npm-version.ts';
import { ipv4Pattern, ipv6Pattern } from './address-pattern.ts';

export type Schema = { readonly [keyword: string]: unknown };

const text = { type: 'string' };
const filled = { type: 'string', minLength: 1 };
const flag = { type: 'boolean' };
const port = { type: 'integer', minimum: 1, maximum: 65535 };
const reference = { type: 'integer', minimum: 0 };
const certificateId = { anyOf: [reference, { type: 'string', pattern: '^new$' }] };
const domainPattern = '^[^&| @!#%^();:/\\\\}{=+?<>,~`\'"]+$';
const level = { type: 'string', enum: ['hidden', 'view', 'manage'] };

function closed(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', additionalProperties: false, required, properties };
}

/** For an update: everything optional, something given. */
function partial(properties: Schema): Schema {
  return { type: 'object', additionalProperties: false, minProperties: 1, properties };
}

function domainNames(version: NpmVersion): Schema {
  const maxItems = version.isSince('2.11.2') ? 100 : version.isSince('2.11.0') ? 30 : 15;
  return {
    type: 'array',
    minItems: 1,
    maxItems,
    uniqueItems: true,
    items: { ...text, pattern: domainPattern },
  };
}

function proxyHost(version: NpmVersion): Schema {
  const scheme = { type: 'string', enum: ['http', 'https'] };
  const host = { type: 'string', minLength: 1, maxLength: 255 };
  const location = {
    ...closed(
      {
        id: { type: ['integer', 'null'] },
        path: filled,
        forward_scheme: scheme,
        forward_host: host,
        forward_port: port,
        forward_path: text,
        advanced_config: text,
      },
      ['forward_scheme', 'forward_host', 'forward_port', 'path'],
    ),
  };
  return {
    domain_names: domainNames(version),
    forward_scheme: scheme,
    forward_host: host,
    forward_port: port,
    certificate_id: certificateId,
    ssl_forced: flag,
    hsts_enabled: flag,
    hsts_subdomains: flag,
    ...(version.isSince('2.14.0') ? { trust_forwarded_proto: flag } : {}),
    http2_support: flag,
    block_exploits: flag,
    caching_enabled: flag,
    allow_websocket_upgrade: flag,
    access_list_id: reference,
    advanced_config: text,
    enabled: flag,
    meta: { type: 'object' },
    locations: { type: 'array', minItems: 0, items: location },
  };
}

function redirectionHost(version: NpmVersion): Schema {
  return {
    domain_names: domainNames(version),
    forward_http_code: { type: 'integer', minimum: 300, maximum: 308 },
    forward_scheme: {
      type: 'string',
      enum: [version.isSince('2.12.1') ? 'auto' : '$scheme', 'http', 'https'],
    },
    forward_domain_name: { type: 'string', pattern: '^(?:[^.*]+\\.?)+[^.]$' },
    preserve_path: flag,
    ...deadHost(version),
    block_exploits: flag,
  };
}

function deadHost(version: NpmVersion): Schema {
  return {
    domain_names: domainNames(version),
    certificate_id: certificateId,
    ssl_forced: flag,
    hsts_enabled: flag,
    hsts_subdomains: flag,
    http2_support: flag,
    advanced_config: text,
    meta: { type: 'object' },
  };
}

function stream(version: NpmVersion): Schema {
  return {
    incoming_port: port,
    // NPM's patterns for it let everything pass, `*.bad.test` as well.
    forwarding_host: text,
    forwarding_port: port,
    tcp_forwarding: flag,
    udp_forwarding: flag,
    ...(version.isSince('2.12.3') ? { certificate_id: certificateId } : {}),
    meta: { type: 'object' },
  };
}

const accessList: Schema = {
  name: filled,
  satisfy_any: flag,
  pass_auth: flag,
  items: { type: 'array', items: closed({ username: filled, password: text }) },
  clients: {
    type: 'array',
    items: closed({
      address: {
        oneOf: [
          { ...text, pattern: ipv4Pattern },
          { ...text, pattern: ipv6Pattern },
          { ...text, pattern: '^all$' },
        ],
      },
      directive: { type: 'string', enum: ['allow', 'deny'] },
    }),
  },
};

function certificate(version: NpmVersion): Schema {
  const names = {
    type: 'array',
    maxItems: 100,
    uniqueItems: true,
    items: { ...text, pattern: domainPattern },
  };
  return {
    provider: { type: 'string', pattern: '^(letsencrypt|other)$' },
    nice_name: text,
    domain_names: names,
    meta: closed({
      certificate: filled,
      certificate_key: filled,
      dns_challenge: flag,
      dns_provider_credentials: text,
      dns_provider: text,
      letsencrypt_certificate: { type: 'object' },
      propagation_seconds: { type: 'integer', minimum: 0 },
      ...(version.isSince('2.13.0') ? {} : { letsencrypt_email: text, letsencrypt_agree: flag }),
      ...(version.isSince('2.13.6') ? { key_type: { type: 'string', enum: ['rsa', 'ecdsa'] } } : {}),
    }),
  };
}

const user: Schema = {
  name: filled,
  nickname: text,
  email: { type: 'string', minLength: 3 },
  roles: { type: 'array', items: text },
  is_disabled: flag,
};

const permissions = {
  type: 'object',
  minProperties: 1,
  properties: {
    visibility: { type: 'string', enum: ['all', 'user'] },
    ...Object.fromEntries(
      ['access_lists', 'dead_hosts', 'proxy_hosts', 'redirection_hosts', 'streams', 'certificates'].map(
        (area) => [area, level],
      ),
    ),
  },
};

const password = {
  type: 'object',
  required: ['type', 'secret'],
  properties: {
    type: { type: 'string', pattern: '^password$' },
    current: { type: 'string', minLength: 1, maxLength: 64 },
    secret: { type: 'string', minLength: 8, maxLength: 64 },
  },
};

const defaultSite: Schema = {
  value: { ...filled, enum: ['congratulations', '404', '444', 'redirect', 'html'] },
  meta: closed({ redirect: text, html: text }),
};

/** What the body of each request has to be, by method and path template. */
export function createRequestSchemas(version: NpmVersion): Readonly<Record<string, Schema>> {
  const code = { type: 'string', minLength: 6, maxLength: 8 };
  const expiry = version.isSince('2.12.0') ? {} : { expiry: filled };
  const scope = version.isSince('2.12.0') ? { ...filled, enum: ['user'] } : filled;
  const streamNames = version.isSince('2.13.0') ? { domain_names: domainNames(version) } : {};
  return {
    'POST /tokens': closed({ identity: filled, scope, secret: filled, ...expiry }, ['identity', 'secret']),
    'POST /tokens/2fa': closed({ challenge_token: filled, code }, ['challenge_token', 'code']),
    'POST /users': closed({ ...user, auth: { type: 'object' } }, ['name', 'nickname', 'email']),
    'PUT /users/:id': partial(user),
    'PUT /users/:id/auth': password,
    'PUT /users/:id/permissions': permissions,
    'POST /users/:id/2fa/enable': closed({ code }, ['code']),
    'POST /users/:id/2fa/backup-codes': closed({ code }, ['code']),
    'PUT /settings/:id': partial(defaultSite),
    'POST /nginx/proxy-hosts': closed(proxyHost(version), [
      'domain_names',
      'forward_scheme',
      'forward_host',
      'forward_port',
    ]),
    'PUT /nginx/proxy-hosts/:id': partial(proxyHost(version)),
    'POST /nginx/redirection-hosts': closed(redirectionHost(version), [
      'domain_names',
      'forward_scheme',
      'forward_http_code',
      'forward_domain_name',
    ]),
    'PUT /nginx/redirection-hosts/:id': partial(redirectionHost(version)),
    'POST /nginx/dead-hosts': closed(deadHost(version), ['domain_names']),
    'PUT /nginx/dead-hosts/:id': partial(deadHost(version)),
    'POST /nginx/streams': closed({ ...stream(version), ...streamNames }, [
      'incoming_port',
      'forwarding_host',
      'forwarding_port',
    ]),
    'PUT /nginx/streams/:id': partial(stream(version)),
    'POST /nginx/access-lists': closed(accessList, ['name']),
    'PUT /nginx/access-lists/:id': partial(accessList),
    'POST /nginx/certificates': closed(certificate(version), ['provider']),
    'POST /nginx/certificates/test-http': closed({ domains: domainNames(version) }, ['domains']),
  };
}
