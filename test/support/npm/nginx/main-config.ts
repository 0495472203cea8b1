import type { RenderOptions } from './nginx.ts';

export type MainConfigOptions = RenderOptions & {
  /** `127.0.0.11 valid=10s`; none: upstreams have to be addresses. */
  readonly resolver?: string;
  readonly pidPath: string;
  /** Where nginx may put what it buffers. */
  readonly temporaryPath: string;
  /** Where Debian has the module for streams; absent: it is built in. */
  readonly streamModule?: string;
  /** Who answers TLS for unknown names needs none: nginx 1.19.4 refuses the handshake. */
  readonly user?: string;
};

/** What NPM's image brings beside the files that NPM writes, by path; as far as traffic meets it. */
export function listMainFiles(options: MainConfigOptions): Readonly<Record<string, string>> {
  const { includePath } = options;
  return {
    'nginx.conf': renderMain(options),
    [`${includePath}/proxy.conf`]: proxyHeaders,
    [`${includePath}/force-ssl.conf`]: forceSsl,
    [`${includePath}/letsencrypt-acme-challenge.conf`]: `location ^~ /.well-known/acme-challenge/ { auth_basic off; allow all; default_type text/plain; root ${options.dataPath}/letsencrypt-acme-challenge; }\n`,
    [`${includePath}/block-exploits.conf`]:
      'set $is_exploit 0;\nif ($query_string ~ "(<|%3C).*script.*(>|%3E)") { set $is_exploit 1; }\nif ($is_exploit) { return 403; }\n',
    [`${includePath}/assets.conf`]: '# Assets are not cached here.\n',
  };
}

/** Directories that have to be there before nginx starts, below NPM's data. */
export const dataDirectories = [
  'logs',
  'access',
  'custom_ssl',
  'letsencrypt-acme-challenge',
  ...['default_host', 'proxy_host', 'redirection_host', 'dead_host', 'temp', 'stream', 'custom'].map(
    (name) => `nginx/${name}`,
  ),
];

function renderMain(options: MainConfigOptions): string {
  const { dataPath, httpPort, httpsPort, temporaryPath } = options;
  const hosts = ['default_host', 'proxy_host', 'redirection_host', 'dead_host', 'temp'];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const resolver = options.resolver === undefined ? '' : `resolver ${options.resolver};`;
  return `${options.streamModule === undefined ? '' : `load_module ${options.streamModule};\n`}daemon off;
pid ${options.pidPath};
${options.user === undefined ? '' : `user ${options.user};\n`}worker_processes 2;
error_log ${dataPath}/logs/fallback_error.log warn;
events { worker_connections 1024; }
http {
  default_type application/octet-stream;
  ${temporary.map((name) => `${name}_temp_path ${temporaryPath}/${name};`).join('\n  ')}
  server_tokens off;
  keepalive_timeout 90s;
  proxy_connect_timeout 90s;
  proxy_send_timeout 90s;
  proxy_read_timeout 90s;
  client_max_body_size 2000m;
  server_names_hash_bucket_size 1024;
  proxy_http_version 1.1;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header Accept-Encoding "";
  log_format proxy '[$time_local] $upstream_addr $upstream_status $status $host "$request_uri"';
  log_format standard '[$time_local] $status $host "$request_uri"';
  ${resolver}
  map $http_x_forwarded_proto $x_forwarded_proto { "http" "http"; "https" "https"; default $scheme; }
  map $http_x_forwarded_scheme $x_forwarded_scheme { "http" "http"; "https" "https"; default $scheme; }
  server {
    listen ${httpPort};
    server_name localhost-nginx-proxy-manager;
    location / { default_type text/html; return 200 "<h1>Congratulations!</h1>"; }
  }
  server {
    listen ${httpsPort} ssl;
    server_name localhost;
    ssl_reject_handshake on;
  }
  ${hosts.map((name) => `include ${dataPath}/nginx/${name}/*.conf;`).join('\n  ')}
  include ${dataPath}/nginx/custom/http[.]conf;
}
stream {
  log_format stream '[$time_local] $protocol $status $upstream_addr';
  include ${dataPath}/nginx/stream/*.conf;
}
`;
}

const proxyHeaders = `add_header X-Served-By $host;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-Scheme $x_forwarded_scheme;
proxy_set_header X-Forwarded-Proto $x_forwarded_proto;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Real-IP $remote_addr;
proxy_pass $forward_scheme://$server:$port$request_uri;
`;

const forceSsl = `set $to_https "";
if ($scheme = "http") { set $to_https "H"; }
if ($trust_forwarded_proto = "T") { set $to_https "\${to_https}T"; }
if ($http_x_forwarded_proto = "https") { set $to_https "\${to_https}S"; }
if ($to_https = "HTS") { set $to_https ""; }
if ($to_https ~ "^H") { return 301 https://$host$request_uri; }
`;
