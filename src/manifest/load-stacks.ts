import type { DesiredStack } from '#domain/desired.ts';
import type { Problem } from '#domain/problem.ts';
import type { AppFiles } from './app-files.ts';
import { type ChosenProfile, selectServices } from './compose/profiles.ts';
import { resolveStack } from './compose/resolve-stack.ts';
import { hashContent } from './content-hash.ts';
import type { DeclaredModel } from './declare-model.ts';
import type { AppDocument, DeliverySpec, StageSpec } from './documents.ts';
import type { LoadContext } from './load-context.ts';
import { createPlace, fileProblem, InvalidValue, type Place } from './place.ts';
import { resolveRollout } from './resolve-rollout.ts';
import { resolveVariables } from './resolve-variables.ts';
import { toStageModel } from './stage-model.ts';
import { interpolate } from './text/interpolate.ts';
import type { SourceDocument } from './yaml/source-document.ts';

export type DeclaredApp = {
  readonly name: string;
  readonly directory: string;
  /** The file that says what runs. */
  readonly file: string;
  readonly app: SourceDocument | undefined;
  readonly declared: DeclaredModel;
  readonly files: AppFiles;
  readonly problems: Problem[];
};

/** One stack for each active stage, in name order; one without a stage for an app that has none. */
export async function loadStacks(app: DeclaredApp, context: LoadContext): Promise<readonly DesiredStack[]> {
  const spec: DeliverySpec = (app.app?.value as AppDocument | undefined)?.spec ?? {};
  const stages = spec.stages === undefined ? [undefined] : Object.keys(spec.stages).sort();
  const stacks: DesiredStack[] = [];
  for (const stage of stages) {
    if (stage !== undefined && spec.stages?.[stage]?.active === false) continue;
    stacks.push(await loadStack(app, spec, stage, context));
  }
  return stacks;
}

async function loadStack(
  app: DeclaredApp,
  spec: DeliverySpec,
  stageName: string | undefined,
  { fleet, policy }: LoadContext,
): Promise<DesiredStack> {
  const { name, declared, files, problems } = app;
  const specPlace = placeIn(app, ['spec']);
  const stagePlace = stageName === undefined ? specPlace : specPlace.at('stages', stageName);
  const stage: StageSpec = (stageName === undefined ? undefined : spec.stages?.[stageName]) ?? {};
  const project = stageName === undefined ? name : `${name}-${stageName}`;
  if (project.length > 63) stagePlace.error(`the stack's name "${project}" is longer than 63 characters`);
  const tag = stage.tag ?? spec.tag;
  const lookup = await resolveVariables({
    layers: [fleet.variables, spec.variables ?? {}, stage.variables ?? {}],
    fixed: { TAG: tag, STAGE: stageName, COMPOSE_PROJECT_NAME: project },
    files,
    onProblem: (message, hint) => problems.push(fileProblem(`${app.directory}/.env`, message, hint)),
  });
  const port = specPlace.at('port').attempt(() => resolvePort(spec.port, lookup));
  const staged = toStageModel(declared, { stage, port, tag, lookup, specPlace, stagePlace });
  const chosen = [...listProfiles(spec, specPlace), ...listProfiles(stage, stagePlace)];
  const model = selectServices(staged, chosen, stagePlace);
  const { network } = fleet.desired;
  const joins = network !== undefined && port !== undefined && declared.form === 'shorthand';
  const stack = await resolveStack(model, {
    project,
    app: name,
    stage: stageName,
    drift: stage.drift ?? spec.drift ?? fleet.drift,
    rollout: resolveRollout(spec.rollout, fleet.rollout, specPlace.at('rollout')),
    files,
    lookup,
    policy,
    shared: joins ? { network, services: [name] } : undefined,
  });
  const adopt = stage.adopt ?? spec.adopt ?? false;
  const declaredIn = { directory: app.directory, file: app.file };
  // Whether to take over is no part of what is declared to run, but a change of it is one to look at.
  const contentHash = adopt ? hashContent([stack.contentHash, { adopt }]) : stack.contentHash;
  return { ...stack, declaredIn, contentHash, ...(adopt && { adopt }) };
}

/** A stage has the app's profiles and its own. */
function listProfiles({ profiles = [] }: DeliverySpec | StageSpec, place: Place): readonly ChosenProfile[] {
  return profiles.map((name, index) => ({ name, place: place.at('profiles', index) }));
}

function resolvePort(
  port: number | string | undefined,
  lookup: (name: string) => string | undefined,
): string | undefined {
  if (port === undefined) return undefined;
  const text = interpolate(String(port), lookup);
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return text;
  throw new InvalidValue(`expected a port from 1 to 65535, found "${text}"`);
}

/** A bare Compose app has no app.yaml, and nothing to say there either. */
function placeIn({ app, directory, problems }: DeclaredApp, path: readonly string[]): Place {
  const nowhere = { file: directory, value: {}, locate: () => undefined };
  return createPlace(app ?? nowhere, path, problems);
}
