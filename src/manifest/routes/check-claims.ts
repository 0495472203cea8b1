import type { DesiredApp } from '#domain/desired.ts';
import type { DeclaredAt, Problem } from '#domain/problem.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { listClaims } from './route-claims.ts';

/**
 * Host names and ports that another route has already: the fleet's own come first, then the apps in their
 * order. Whoever comes later is told, and is left as it is.
 */
export function refuseSharedClaims(
  apps: readonly DesiredApp[],
  ofFleet: readonly DesiredRoute[],
): readonly DesiredApp[] {
  const holders = new Map<string, DeclaredAt | undefined>();
  for (const route of ofFleet) for (const claim of listClaims(route)) holders.set(claim, route.declaredAt);
  return apps.map((app) => {
    const routes = app.stacks.flatMap((stack) => stack.routes ?? []);
    const own = new Map<string, DeclaredAt | undefined>();
    const problems = routes.flatMap((route) => {
      const claims = listClaims(route);
      const taken = claims.find((claim) => holders.has(claim) || own.has(claim));
      const holder = taken === undefined ? undefined : (holders.get(taken) ?? own.get(taken));
      for (const claim of claims) own.set(claim, route.declaredAt);
      return taken === undefined ? [] : toProblem(app, route, taken, holder);
    });
    if (problems.length > 0) return { ...app, stacks: [], problems: [...problems, ...app.problems] };
    for (const [claim, at] of own) holders.set(claim, at);
    return app;
  });
}

function toProblem(
  app: DesiredApp,
  { declaredAt = { file: app.directory } }: DesiredRoute,
  claim: string,
  holder: DeclaredAt | undefined,
): Problem {
  const isOwn = holder?.file === declaredAt.file;
  const position = holder?.line === undefined ? '' : `:${holder.line}`;
  const where = isOwn ? 'another route of this app' : `${holder?.file}${position}`;
  const hint = isOwn
    ? 'with stages, let it differ by subdomain or ${STAGE}'
    : 'a proxy can lead it to one place';
  return { severity: 'error', ...declaredAt, message: `the ${claim} is that of ${where} already`, hint };
}
