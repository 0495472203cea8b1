// The configuration that Nginx Proxy Manager 2.15 gives its nginx, as far as it takes part in carrying a request
// without TLS to a container: every directive, value and default is the same. Left out are the includes for
// people's own additions, caches, real addresses behind a CDN, and `http2 off`, which is newer than Debian's nginx.

/** What a route of Nginx Proxy Manager says, in the words of its API. */
export type ProxyHost = {
  readonly id: number;
  readonly domainNames: readonly string[];
  readonly forwardHost: string;
  readonly forwardPort: number;
  readonly allowWebsocketUpgrade?: boolean;
};

/** Where Nginx Proxy Manager keeps the file of a route. */
export function toHostFile({ id }: ProxyHost): string {
  return `data/nginx/proxy_host/${id}.conf`;
}

/** Names stand in variables, so that nginx asks for their addresses while it serves. */
export function formatHost(host: ProxyHost): string {
  const upgrade = host.allowWebsocketUpgrade === true ? upgradeLines : '';
  return `server {
  set $forward_scheme http;
  set $server         "${host.forwardHost}";
  set $port           ${host.forwardPort};
  listen 80;
  listen [::]:80;
  server_name ${host.domainNames.join(' ')};
  ${upgrade}
  access_log /data/logs/proxy-host-${host.id}_access.log proxy;
  error_log /dev/stderr warn;
  location / {
    ${upgrade}
    include /etc/nginx/conf.d/include/proxy.conf;
  }
}
`;
}

const upgradeLines = `proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $http_connection;
  proxy_http_version 1.1;`;

const mainConfig = `daemon off;
pid /run/nginx.pid;
user npm;
worker_processes auto;
pcre_jit on;
error_log /dev/stderr warn;
events {}
http {
  default_type application/octet-stream;
  sendfile on;
  server_tokens off;
  tcp_nopush on;
  tcp_nodelay on;
  client_body_temp_path /tmp/body 1 2;
  keepalive_timeout 90s;
  proxy_connect_timeout 90s;
  proxy_send_timeout 90s;
  proxy_read_timeout 90s;
  gzip on;
  proxy_ignore_client_abort off;
  client_max_body_size 2000m;
  server_names_hash_bucket_size 1024;
  proxy_http_version 1.1;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header Accept-Encoding "";
  proxy_cache off;
  log_format proxy '[$time_local] $upstream_addr $upstream_status $status - $request_method $scheme $host "$request_uri"';
  access_log /data/logs/fallback_http_access.log proxy;
  include /etc/nginx/conf.d/include/resolvers.conf;
  map $http_x_forwarded_proto $x_forwarded_proto { "http" "http"; "https" "https"; default $scheme; }
  map $http_x_forwarded_scheme $x_forwarded_scheme { "http" "http"; "https" "https"; default $scheme; }
  include /etc/nginx/conf.d/default.conf;
  include /data/nginx/proxy_host/*.conf;
}
`;

/** Who asks for no route gets Nginx Proxy Manager's page of congratulations. */
const defaultConfig = `server {
  listen 80 default_server;
  listen [::]:80 default_server;
  server_name _;
  location / { return 200 "congratulations\n"; }
}
`;

const proxyConfig = `add_header X-Served-By $host;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-Scheme $x_forwarded_scheme;
proxy_set_header X-Forwarded-Proto $x_forwarded_proto;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Real-IP $remote_addr;
proxy_pass $forward_scheme://$server:$port$request_uri;
`;

/** Files by path below the root, without those of the routes; `dnsValidSeconds` is 10 in Nginx Proxy Manager. */
export function listProxyManagerFiles(dnsValidSeconds = 10): Readonly<Record<string, string>> {
  return {
    'etc/nginx/nginx.conf': mainConfig,
    'etc/nginx/conf.d/default.conf': defaultConfig,
    'etc/nginx/conf.d/include/proxy.conf': proxyConfig,
    // The resolvers of the container's resolv.conf; on a network of one's own that is Docker's.
    'etc/nginx/conf.d/include/resolvers.conf': `resolver 127.0.0.11 valid=${dnsValidSeconds}s;\n`,
  };
}
