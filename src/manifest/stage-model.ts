import type { RawService } from './compose/compose-document.ts';
import { toRecord } from './compose/pairs.ts';
import type { ComposeModel } from './compose/stack-context.ts';
import type { DeclaredModel } from './declare-model.ts';
import type { StageSpec } from './documents.ts';
import type { Place } from './place.ts';
import { replaceTag } from './text/image-reference.ts';
import { interpolate, type Lookup } from './text/interpolate.ts';

export type StageInput = {
  readonly stage: StageSpec;
  readonly port: number | string | undefined;
  readonly tag: string | undefined;
  readonly lookup: Lookup;
  /** Of the shorthand's spec, and of the stage. */
  readonly specPlace: Place;
  readonly stagePlace: Place;
};

/** The shorthand's service as one stage wants it: its tag, its port, its environment. */
export function toStageModel(declared: DeclaredModel, input: StageInput): ComposeModel {
  const { stage, stagePlace } = input;
  if (declared.form !== 'shorthand') {
    if (stage.environment !== undefined) {
      stagePlace
        .at('environment')
        .error(
          'a stage has an environment of its own only with the shorthand',
          'use variables, and ${…} in the services',
        );
    }
    return declared.model;
  }
  const entries = Object.entries(declared.model.services).map(
    ([name, service]) => [name, toStageService(service, input)] as const,
  );
  return { ...declared.model, services: Object.fromEntries(entries) };
}

function toStageService(service: RawService, input: StageInput): RawService {
  const { stage, port, tag, lookup, specPlace } = input;
  const image = specPlace.at('image').attempt(() => {
    const reference = interpolate(service.image, lookup);
    return tag === undefined ? reference : replaceTag(reference, tag);
  });
  const environment = { ...toRecord(service.environment), ...toRecord(stage.environment) };
  return {
    ...service,
    // It is interpolated once more with the rest.
    image: (image ?? service.image).replaceAll('$', '$$$$'),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(port !== undefined && { expose: [...(service.expose ?? []), port] }),
  };
}
