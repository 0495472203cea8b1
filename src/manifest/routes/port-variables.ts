import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import type { DeclaredRoute } from './resolve-routes.ts';

/** Environment variables by service. */
export type PortVariables = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * A named route tells its service the port it is to listen on: `$PORT_<NAME>`, and `$PORT` for the first one.
 * Those without a name tell nothing, so that a route alone replaces no container.
 */
export function toPortVariables(
  declared: readonly DeclaredRoute[],
  routes: readonly DesiredRoute[],
): PortVariables {
  const byService = new Map<string, Record<string, string>>();
  for (const { route } of declared) {
    const resolved = routes.find(({ name }) => name === route.name);
    if (resolved === undefined || !('upstream' in resolved) || resolved.upstream.kind !== 'service') continue;
    const { service, port } = resolved.upstream;
    const variables = byService.get(service) ?? { PORT: String(port) };
    variables[`PORT_${toVariableName(resolved.name)}`] ??= String(port);
    byService.set(service, variables);
  }
  return byService;
}

function toVariableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
