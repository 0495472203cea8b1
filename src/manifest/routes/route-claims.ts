import type { DesiredRoute } from '#domain/routes/desired-route.ts';

/** What only one route of a proxy can have: `host a.example.com`, `port 1883`. */
export function listClaims(route: DesiredRoute): readonly string[] {
  if (route.kind === 'stream') return [`port ${route.listen}`];
  return route.hosts.map((host) => `host ${host}`);
}
