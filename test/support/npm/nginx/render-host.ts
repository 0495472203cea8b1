import { type Row, textOf } from '../npm-state.ts';
import type { RenderOptions } from './nginx.ts';
import { renderAccess } from './render-access.ts';

// Line numbers stand in `nginx_err`: what an error is told of stands where NPM's own templates have it.
const advancedConfigLine = 37;

export type Location = {
  path: string;
  forward_scheme: string;
  forward_host: string;
  forward_port: number;
  forward_path?: string;
  advanced_config?: string;
};

export function renderProxyHost(host: Row, options: RenderOptions): string {
  const locations = (host['locations'] ?? []) as Location[];
  const advanced = textOf(host['advanced_config']);
  const isServed = hasOwnRoot(advanced) || locations.some((location) => location.path === '/');
  return renderServer(host, options, {
    before: [
      `  set $forward_scheme ${host['forward_scheme']};`,
      `  set $server         "${host['forward_host']}";`,
      `  set $port           ${host['forward_port']};`,
      '',
    ],
    logs: `proxy-host-${host.id}`,
    logFormat: 'proxy',
    locations: [
      ...locations.map((location) => renderLocation(host, location, options)),
      ...(isServed ? [] : [renderRoot(host, options)]),
    ],
    custom: 'server_proxy',
  });
}

export function renderRedirectionHost(host: Row, options: RenderOptions): string {
  const told = String(host['forward_scheme']);
  const scheme = told === 'http' || told === 'https' ? told : '$scheme';
  const path = host['preserve_path'] === true ? '$request_uri' : '';
  const target = `${scheme}://${host['forward_domain_name']}${path}`;
  const answer = `    return ${host['forward_http_code']} ${target};`;
  return renderServer(host, options, {
    before: [],
    logs: `redirection-host-${host.id}`,
    logFormat: 'standard',
    locations: rootUnlessOwn(host, [...renderHsts(host), answer]),
    custom: 'server_redirect',
  });
}

export function renderDeadHost(host: Row, options: RenderOptions): string {
  return renderServer(host, options, {
    before: [],
    logs: `dead-host-${host.id}`,
    logFormat: 'standard',
    locations: rootUnlessOwn(host, [...renderHsts(host), '    return 404;']),
    custom: 'server_dead',
  });
}

/** Answers the questions of the certificate authority while a certificate is asked for, and 404 to all else. */
export function renderCertificateRequest(names: readonly string[], options: RenderOptions): string {
  return [
    ...renderHeader(names.join(', ')),
    'server {',
    `  listen ${options.httpPort};`,
    `  server_name ${names.join(' ')};`,
    `  include ${options.includePath}/letsencrypt-acme-challenge.conf;`,
    '  location / {',
    '    return 404;',
    '  }',
    '}',
    '',
  ].join('\n');
}

type ServerParts = {
  before: readonly string[];
  logs: string;
  logFormat: string;
  locations: readonly string[];
  custom: string;
};

function renderServer(host: Row, options: RenderOptions, parts: ServerParts): string {
  const names = host['domain_names'] as string[];
  const header = renderHeader(names.join(', '));
  if (host['enabled'] !== true) return header.join('\n');
  const subdomains = host['hsts_subdomains'] === true ? ' includeSubDomains;' : '';
  const lines = [
    ...header,
    '',
    '',
    `map $scheme $hsts_header {`,
    `    https   "max-age=63072000;${subdomains} preload";`,
    '}',
    '',
    'server {',
    ...parts.before,
    ...renderListen(host, names, options),
    ...renderTls(host, options),
    ...(host['caching_enabled'] === true ? [`  include ${options.includePath}/assets.conf;`] : []),
    ...(host['block_exploits'] === true ? [`  include ${options.includePath}/block-exploits.conf;`] : []),
    ...renderHsts(host),
    ...renderForcedSsl(host, options),
    ...renderUpgrade(host),
  ];
  const logs = [
    `  access_log ${options.dataPath}/logs/${parts.logs}_access.log ${parts.logFormat};`,
    `  error_log ${options.dataPath}/logs/${parts.logs}_error.log warn;`,
    '',
  ];
  const padding = Math.max(0, advancedConfigLine - 1 - logs.length - lines.length);
  return [
    ...lines,
    ...Array.from({ length: padding }, () => ''),
    ...logs,
    textOf(host['advanced_config']),
    '',
    ...parts.locations,
    '',
    `  include ${options.dataPath}/nginx/custom/${parts.custom}[.]conf;`,
    '}',
    '',
  ].join('\n');
}

function renderHeader(title: string): string[] {
  const rule = `# ${'-'.repeat(60)}`;
  return [rule, `# ${title}`, rule, ''];
}

function renderListen(host: Row, names: readonly string[], options: RenderOptions): string[] {
  const hasHttp2 = host['http2_support'] === true;
  const word = options.http2 === 'listen' && hasHttp2 ? ' http2' : '';
  const hash = options.ipv6 ? '' : '#';
  const isTls = isCertificateThere(host);
  return [
    `  listen ${options.httpPort};`,
    `  ${hash}listen [::]:${options.httpPort};`,
    isTls ? `  listen ${options.httpsPort} ssl${word};` : '',
    isTls ? `  ${hash}listen [::]:${options.httpsPort} ssl${word};` : '',
    `  server_name ${names.join(' ')};`,
    options.http2 === 'directive' ? `  http2 ${hasHttp2 ? 'on' : 'off'};` : '',
    '',
  ];
}

/** The row of the certificate has to have been fetched with the host: an id alone brings no TLS. */
function isCertificateThere(host: Row): boolean {
  return isRow(host['certificate']) && Number(host['certificate_id']) > 0;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function renderTls(host: Row, options: RenderOptions): string[] {
  const certificate = host['certificate'];
  const isIssued = isRow(certificate) && certificate['provider'] === 'letsencrypt';
  return [
    ...(isIssued ? [`  include ${options.includePath}/letsencrypt-acme-challenge.conf;`] : []),
    ...renderCertificate(host, options),
  ];
}

/** Nothing without a certificate. */
export function renderCertificate(host: Row, options: RenderOptions): string[] {
  const certificate = host['certificate'];
  if (!isRow(certificate) || !isCertificateThere(host)) return [];
  const isIssued = certificate['provider'] === 'letsencrypt';
  const directory = certificateDirectory(Number(host['certificate_id']), isIssued, options);
  return [`  ssl_certificate ${directory}/fullchain.pem;`, `  ssl_certificate_key ${directory}/privkey.pem;`];
}

export function certificateDirectory(id: number, isIssued: boolean, options: RenderOptions): string {
  return isIssued ? `${options.letsencryptPath}/live/npm-${id}` : `${options.dataPath}/custom_ssl/npm-${id}`;
}

function renderHsts(host: Row): string[] {
  const isOn = isCertificateThere(host) && host['ssl_forced'] === true && host['hsts_enabled'] === true;
  return isOn ? ['  add_header Strict-Transport-Security $hsts_header always;'] : [];
}

function renderForcedSsl(host: Row, options: RenderOptions): string[] {
  if (!isCertificateThere(host) || host['ssl_forced'] !== true) return [];
  const trust = host['trust_forwarded_proto'] === true ? 'T' : 'F';
  return [`    set $trust_forwarded_proto "${trust}";`, `    include ${options.includePath}/force-ssl.conf;`];
}

function renderUpgrade(host: Row): string[] {
  if (host['allow_websocket_upgrade'] !== true) return [];
  return [
    '    proxy_set_header Upgrade $http_upgrade;',
    '    proxy_set_header Connection $http_connection;',
    '    proxy_http_version 1.1;',
  ];
}

function renderRoot(host: Row, options: RenderOptions): string {
  return [
    '  location / {',
    ...renderAccess(host, options),
    ...renderHsts(host),
    ...renderUpgrade(host),
    `    include ${options.includePath}/proxy.conf;`,
    '  }',
  ].join('\n');
}

/** The upstream is named literally here: it is looked up when nginx reads the file, not at every request. */
function renderLocation(host: Row, location: Location, options: RenderOptions): string {
  const [upstream = '', ...rest] = location.forward_host.split('/');
  const path = rest.length > 0 ? `/${rest.join('/')}` : (location.forward_path ?? '');
  const { forward_scheme: scheme, forward_port: port } = location;
  return [
    `  location ${location.path} {`,
    `    ${location.advanced_config ?? ''}`,
    '',
    '    proxy_set_header Host $host;',
    '    proxy_set_header X-Forwarded-Scheme $scheme;',
    '    proxy_set_header X-Forwarded-Proto  $scheme;',
    '    proxy_set_header X-Forwarded-For    $remote_addr;',
    '    proxy_set_header X-Real-IP          $remote_addr;',
    '',
    `    proxy_pass       ${scheme}://${upstream}:${port}${path};`,
    '',
    ...renderAccess(host, options),
    ...(host['caching_enabled'] === true ? [`    include ${options.includePath}/assets.conf;`] : []),
    ...(host['block_exploits'] === true ? [`    include ${options.includePath}/block-exploits.conf;`] : []),
    ...renderForcedSsl(host, options),
    ...renderHsts(host),
    ...renderUpgrade(host),
    '  }',
    '',
  ].join('\n');
}

function rootUnlessOwn(host: Row, lines: readonly string[]): string[] {
  if (hasOwnRoot(textOf(host['advanced_config']))) return [];
  return ['  location / {', ...lines, '  }'];
}

function hasOwnRoot(advanced: string): boolean {
  return /^(?:.*;)?\s*?location\s*?\/\s*?{/im.test(advanced);
}
