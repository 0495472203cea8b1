import type { DesiredStack } from '#domain/desired.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import type { AppFiles } from './app-files.ts';
import type { LayerFile } from './compose/load/load-layers.ts';
import type { Reading, Variables } from './compose/load/reading.ts';
import { readProject } from './compose/read-project.ts';
import { toStack } from './compose/stack/to-stack.ts';
import { hashContent } from './content-hash.ts';
import { defaultContentLimits } from './contents/content-limits.ts';
import { createContents } from './contents/create-contents.ts';
import type { DeclaredProject } from './declare-project.ts';
import type { AppDocument, DeliverySpec, StageSpec } from './documents.ts';
import type { LoadContext } from './load-context.ts';
import { createPlace, fileProblem, InvalidValue, type Place } from './place.ts';
import { type ChosenProfile, checkProfiles } from './profiles.ts';
import { resolveDrift } from './resolve-drift.ts';
import { withHealth } from './resolve-health.ts';
import { withHooks } from './resolve-hooks.ts';
import { resolveRollout } from './resolve-rollout.ts';
import { resolveVariables } from './resolve-variables.ts';
import { toStageLayer } from './shorthand-layer.ts';
import { replaceTag } from './text/image-reference.ts';
import { interpolate } from './text/interpolate.ts';
import type { SourceDocument } from './yaml/source-document.ts';

export type DeclaredApp = {
  readonly name: string;
  readonly directory: string;
  /** The file that says what runs. */
  readonly file: string;
  readonly app: SourceDocument | undefined;
  readonly declared: DeclaredProject;
  readonly files: AppFiles;
  readonly problems: Problem[];
};

/** One stack for each stage, in name order; one without a stage for an app that has none. */
export async function loadStacks(app: DeclaredApp, context: LoadContext): Promise<readonly DesiredStack[]> {
  const spec: DeliverySpec = (app.app?.value as AppDocument | undefined)?.spec ?? {};
  const stages = spec.stages === undefined ? [undefined] : Object.keys(spec.stages).sort();
  const stacks: DesiredStack[] = [];
  for (const name of stages) {
    // What is wrong with one stage must not hide what is wrong with the next.
    const own = { ...app, problems: [] };
    const stage = toStage(own, spec, name);
    const isActive = stage.stage.active ?? spec.active ?? true;
    const stack = isActive ? await loadStack(own, stage, context) : toInactive(own, stage, context);
    app.problems.push(...own.problems);
    if (stack !== undefined) stacks.push(stack);
  }
  return stacks;
}

type Stage = {
  readonly spec: DeliverySpec;
  readonly stage: StageSpec;
  readonly stageName: string | undefined;
  /** Also the Compose project's. */
  readonly stackName: string;
  readonly tag: string | undefined;
  readonly specPlace: Place;
  readonly stagePlace: Place;
};

function toStage(app: DeclaredApp, spec: DeliverySpec, stageName: string | undefined): Stage {
  const specPlace = placeIn(app, ['spec']);
  const stagePlace = stageName === undefined ? specPlace : specPlace.at('stages', stageName);
  const stage: StageSpec = (stageName === undefined ? undefined : spec.stages?.[stageName]) ?? {};
  const stackName = stageName === undefined ? app.name : `${app.name}-${stageName}`;
  if (stackName.length > 63) {
    stagePlace.error(`the stack's name "${stackName}" is longer than 63 characters`);
  }
  return { spec, stage, stageName, stackName, tag: stage.tag ?? spec.tag, specPlace, stagePlace };
}

/** What it would run is not even read: nothing in there can be wrong enough to matter. */
function toInactive(
  { name: app, problems }: DeclaredApp,
  { spec, stage, stageName, stackName }: Stage,
  { fleet }: LoadContext,
): DesiredStack | undefined {
  if (hasErrors(problems)) return undefined;
  const stack = {
    name: stackName,
    app,
    ...(stageName !== undefined && { stage: stageName }),
    drift: resolveDrift([spec.drift, stage.drift], fleet.drift).mode,
    active: false,
    networks: [],
    volumes: [],
    services: [],
  };
  return { ...stack, contentHash: hashContent(stack) };
}

async function loadStack(
  app: DeclaredApp,
  own: Stage,
  context: LoadContext,
): Promise<DesiredStack | undefined> {
  const { fleet, policy } = context;
  const { spec, stage, stageName, specPlace } = own;
  const variables = await resolveVariables({
    layers: [fleet.variables, spec.variables ?? {}, stage.variables ?? {}],
    fixed: { TAG: own.tag, STAGE: stageName, COMPOSE_PROJECT_NAME: own.stackName },
    files: app.files,
    onProblem: (message, hint) => app.problems.push(fileProblem(`${app.directory}/.env`, message, hint)),
  });
  const port = specPlace.at('port').attempt(() => resolvePort(spec.port, variables));
  const layers = [...app.declared.layers, ...listStageLayers(app, own, { variables, port })];
  const chosen = [...listProfiles(spec, specPlace), ...listProfiles(stage, own.stagePlace)];
  const reading = toReading(app, context, { own, variables, chosen });
  const read = await readProject(layers, reading);
  if (read.kind === 'invalid' || hasErrors(app.problems)) return undefined;
  checkProfiles(read, chosen, own.stagePlace);
  const { network } = fleet.desired;
  const joins = network !== undefined && port !== undefined && app.declared.form === 'shorthand';
  const drift = resolveDrift([spec.drift, stage.drift], fleet.drift);
  const stack = await toStack(read, {
    app: app.name,
    stage: stageName,
    drift: drift.mode,
    rollout: resolveRollout(spec.rollout, fleet.rollout, specPlace.at('rollout')),
    policy,
    shared: joins ? { network, services: [app.name] } : undefined,
    deliver: createContents({
      tree: context.tree,
      directory: app.directory,
      stack: own.stackName,
      limits: defaultContentLimits,
      hashSecret: context.hashSecret,
    }),
  });
  const checked = withHealth(stack, spec.health, {
    isShorthand: app.declared.form === 'shorthand',
    defaults: fleet.health,
    variables,
    place: specPlace.at('health'),
  });
  const hooked = withHooks(checked, spec.hooks, { policy, variables, place: specPlace.at('hooks') });
  const adopt = stage.adopt ?? spec.adopt ?? false;
  return withDelivery(hooked, app, { adopt, ignore: drift.ignore, dependsOn: spec.dependsOn ?? [] });
}

function withDelivery(
  stack: DesiredStack,
  app: DeclaredApp,
  {
    adopt,
    ignore,
    dependsOn,
  }: { readonly adopt: boolean; readonly ignore: readonly string[]; readonly dependsOn: readonly string[] },
): DesiredStack {
  const declaredIn = { directory: app.directory, file: app.file };
  // How it is delivered is no part of what is to run, but a change of it is one to look at.
  const steering = {
    ...(adopt && { adopt }),
    ...(ignore.length > 0 && { driftIgnore: ignore }),
    ...(dependsOn.length > 0 && { dependsOnApps: dependsOn }),
  };
  const probes = stack.services.flatMap(({ name, probe, readyDeadlineMs }) =>
    probe === undefined ? [] : [{ name, probe, readyDeadlineMs }],
  );
  const beside = {
    ...steering,
    ...(probes.length > 0 && { probes }),
    ...(stack.hooks !== undefined && { hooks: stack.hooks }),
  };
  const isPlain = Object.keys(beside).length === 0;
  const contentHash = isPlain ? stack.contentHash : hashContent([stack.contentHash, beside]);
  return { ...stack, declaredIn, contentHash, ...steering };
}

/** With the shorthand, a stage has a tag, a port and an environment for its service. */
function listStageLayers(
  { name, app, declared }: DeclaredApp,
  { spec, stage, stageName, tag, specPlace, stagePlace }: Stage,
  { variables, port }: { readonly variables: Variables; readonly port: string | undefined },
): readonly LayerFile[] {
  if (declared.form !== 'shorthand' || app === undefined) {
    if (stage.environment !== undefined) {
      stagePlace
        .at('environment')
        .error(
          'a stage has an environment of its own only with the shorthand',
          'use variables, and ${…} in the services',
        );
    }
    return [];
  }
  const image = specPlace.at('image').attempt(() => {
    if (tag === undefined) return undefined;
    return replaceTag(
      interpolate(spec.image ?? '', (key) => variables.get(key)),
      tag,
    );
  });
  return [toStageLayer(name, { stage, stageName, image, port }, app)];
}

const maxDocuments = 10;

function toReading(
  { directory, files, problems }: DeclaredApp,
  { limits }: LoadContext,
  input: { readonly own: Stage; readonly variables: Variables; readonly chosen: readonly ChosenProfile[] },
): Reading {
  return {
    workingDirectory: '.',
    home: undefined,
    readFile: (path) => files.read(path),
    nameFile: (path) => (path === '.' ? directory : `${directory}/${path}`),
    variables: input.variables,
    projectName: input.own.stackName,
    profiles: input.chosen.map(({ name }) => name),
    maxDocuments,
    limits,
    problems,
  };
}

/** A stage has the app's profiles and its own. */
function listProfiles({ profiles = [] }: DeliverySpec | StageSpec, place: Place): readonly ChosenProfile[] {
  return profiles.map((name, index) => ({ name, place: place.at('profiles', index) }));
}

function resolvePort(port: number | string | undefined, variables: Variables): string | undefined {
  if (port === undefined) return undefined;
  const text = interpolate(String(port), (name) => variables.get(name));
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return text;
  throw new InvalidValue(`expected a port from 1 to 65535, found "${text}"`);
}

/** A bare Compose app has no app.yaml, and nothing to say there either. */
function placeIn({ app, directory, problems }: DeclaredApp, path: readonly string[]): Place {
  const nowhere = { file: directory, value: {}, locate: () => undefined };
  return createPlace(app ?? nowhere, path, problems);
}
