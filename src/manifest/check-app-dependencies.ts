import { findDependencyStack } from '#domain/app-dependencies.ts';
import type { AppDependency, DesiredApp } from '#domain/desired.ts';
import type { Problem } from '#domain/problem.ts';

/** Apps that wait for what does not exist, or for each other, would wait for ever: each is told at its place. */
export function checkAppDependencies(apps: readonly DesiredApp[]): readonly DesiredApp[] {
  const byName = new Map(apps.map((app) => [app.name, app]));
  return apps.map((app) => {
    const problems = (app.dependsOn ?? []).flatMap((dependency) => findFault(app, dependency, byName) ?? []);
    return problems.length === 0 ? app : { ...app, stacks: [], problems: [...problems, ...app.problems] };
  });
}

type AppsByName = ReadonlyMap<string, DesiredApp>;

function findFault(app: DesiredApp, dependency: AppDependency, byName: AppsByName): Problem | undefined {
  const { declaredAt } = dependency;
  const error = (message: string, hint: string): Problem => ({
    severity: 'error',
    ...declaredAt,
    message,
    hint,
  });
  const other = byName.get(dependency.app);
  if (other === undefined) {
    return error(`there is no app "${dependency.app}"`, `there is ${[...byName.keys()].join(', ')}`);
  }
  const circle = findCircle(app, other, byName);
  if (circle !== undefined) {
    return error(`the apps wait for each other: ${circle.join(' → ')}`, 'take one of these out of dependsOn');
  }
  // Of one that cannot be read nothing is known; it has problems of its own.
  if (other.stacks.length === 0) return undefined;
  const alone = app.stacks.find((stack) => findDependencyStack(stack, other.stacks) === undefined);
  if (alone === undefined) return undefined;
  const stages = other.stacks.map(({ stage = '' }) => stage).join(', ');
  return alone.stage === undefined
    ? error(
        `app "${other.name}" has several stages (${stages}), and this one none`,
        'give this app stages, too',
      )
    : error(`app "${other.name}" has no stage "${alone.stage}"`, `it has ${stages}`);
}

/** The way from an app by `first` back to itself, breadth first: the shortest is told. */
function findCircle(app: DesiredApp, first: DesiredApp, byName: AppsByName): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[app.name, first.name]];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way.at(-1) ?? '';
    if (last === app.name) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const { app: next } of byName.get(last)?.dependsOn ?? []) ways.push([...way, next]);
  }
  return undefined;
}
