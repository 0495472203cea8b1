import type { Settings } from './settings.ts';

/** Where a command on the same machine reaches the daemon's API. */
export function toApiAccess({ api }: Settings): { readonly url: string; readonly token?: string } {
  const host =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[api.host] ??
    (api.host.includes(':') ? `[${api.host}]` : api.host);
  return { url: `http://${host}:${api.port}`, ...(api.token !== undefined && { token: api.token }) };
}
