/** How to sign in at one registry. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

export const dockerHub = 'docker.io';

/** The key of Docker Hub in Docker's own files and headers. */
export const dockerHubKey = 'https://index.docker.io/v1/';

/** The value of X-Registry-Auth. An engine that cannot decode it goes on without signing in, silently. */
export function toRegistryAuthHeader(registryHost: string, auth: RegistryAuth): string {
  const serveraddress = registryHost === dockerHub ? dockerHubKey : registryHost;
  const content =
    'identityToken' in auth
      ? { identitytoken: auth.identityToken, serveraddress }
      : { username: auth.username, password: auth.password, serveraddress };
  // The URL alphabet, but with padding: Node's base64url leaves that out, and the engine wants it.
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
