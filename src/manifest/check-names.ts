import type { DesiredApp } from '#domain/desired.ts';
import type { Problem } from '#domain/problem.ts';
import { fileProblem } from './place.ts';

/** Names that may exist only once on a host: whoever shares one gets a problem and is left as it is. */
export function refuseSharedNames(apps: readonly DesiredApp[]): readonly DesiredApp[] {
  const holders = collectHolders(apps);
  return apps.map((app) => {
    const problems = namesOf(app).flatMap((name) => conflictOf(app, name, holders) ?? []);
    return problems.length === 0 ? app : { ...app, stacks: [], problems: [...problems, ...app.problems] };
  });
}

function collectHolders(apps: readonly DesiredApp[]): ReadonlyMap<string, readonly DesiredApp[]> {
  const holders = new Map<string, DesiredApp[]>();
  for (const app of apps) {
    for (const name of namesOf(app)) {
      const known = holders.get(name);
      if (known === undefined) holders.set(name, [app]);
      else known.push(app);
    }
  }
  return holders;
}

function namesOf(app: DesiredApp): readonly string[] {
  const containers = app.stacks.flatMap(({ services }) =>
    services.flatMap(({ containerNames }) => containerNames),
  );
  return [
    `app "${app.name}"`,
    ...app.stacks.map(({ name }) => `stack "${name}"`),
    ...containers.map((name) => `container "${name}"`),
  ];
}

function conflictOf(
  app: DesiredApp,
  name: string,
  holders: ReadonlyMap<string, readonly DesiredApp[]>,
): Problem | undefined {
  const sharing = holders.get(name) ?? [];
  if (sharing.length < 2) return undefined;
  const others = [...new Set(sharing.map(({ directory }) => directory))].filter(
    (other) => other !== app.directory,
  );
  const where = others.length === 0 ? 'another stage of this app has it' : `${others.join(', ')} has it`;
  return fileProblem(
    app.directory,
    `the ${name} is declared twice: ${where} too`,
    'give each a name of its own',
  );
}
