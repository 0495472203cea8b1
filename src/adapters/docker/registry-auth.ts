/** How to sign in at one registry. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

export const dockerHub = 'docker.io';

/** The key of Docker Hub in Docker's own files and headers. */
export const dockerHubKey = 'https://index.docker.io/v1/';

/** The value of X-Registry-Auth. An engine that cannot decode it goes on without signing in, silently. */
export function toRegistryAuthHeader(registryHost: string, auth: RegistryAuth): string {
  return encodeHeader(toAuthConfig(toKey(registryHost), auth));
}

/** The value of X-Registry-Config: what a build may sign in with. */
export function toRegistryConfigHeader(auths: readonly (readonly [string, RegistryAuth])[]): string {
  const entries = auths.map(([host, auth]) => [toKey(host), toAuthConfig(toKey(host), auth)]);
  return encodeHeader(Object.fromEntries(entries));
}

function toKey(registryHost: string): string {
  return registryHost === dockerHub ? dockerHubKey : registryHost;
}

function toAuthConfig(serveraddress: string, auth: RegistryAuth): object {
  return 'identityToken' in auth
    ? { identitytoken: auth.identityToken, serveraddress }
    : { username: auth.username, password: auth.password, serveraddress };
}

/** The URL alphabet, but with padding: Node's base64url leaves that out, and the engine wants it. */
function encodeHeader(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** `https://index.docker.io/v1/`, `registry.example.com/v2/` → the host alone; Docker Hub has one name. */
export function toRegistryHost(key: string): string {
  const host = key
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? dockerHub : host;
}
