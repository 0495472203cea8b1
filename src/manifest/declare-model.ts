import type { Problem } from '#domain/problem.ts';
import type { ComposeDocument, RawService } from './compose/compose-document.ts';
import type { ComposeModel } from './compose/stack-context.ts';
import type { AppDocument, AppSpec } from './documents.ts';
import { createPlace, type Place } from './place.ts';
import type { SourceDocument } from './yaml/source-document.ts';

/** What an app says to run, and in which form it says so. */
export type DeclaredModel = {
  readonly form: 'shorthand' | 'inline' | 'compose';
  readonly model: ComposeModel;
};

/** In app.yaml beside what runs; all other attributes of `spec` are those of the shorthand's service. */
const deliveryKeys = ['drift', 'adopt', 'variables', 'rollout', 'stages', 'profiles', 'tag'];
const inlineKeys = ['services', 'volumes', 'networks'];

/** Undefined when not exactly one of the three forms is used; `problems` then says so. */
export function declareModel(
  appName: string,
  documents: { readonly app: SourceDocument | undefined; readonly compose: SourceDocument | undefined },
  problems: Problem[],
): DeclaredModel | undefined {
  const { app, compose } = documents;
  if (app === undefined) return compose === undefined ? undefined : declareCompose(compose, problems);
  const spec = (app.value as AppDocument).spec ?? {};
  const place = createPlace(app, ['spec'], problems);
  const shorthandKeys = listShorthandKeys(spec);
  const isInline = 'services' in spec;
  const [firstKey = 'image'] = shorthandKeys;
  if (compose !== undefined) {
    if (!isInline && shorthandKeys.length === 0) return declareCompose(compose, problems);
    place
      .at(isInline ? 'services' : firstKey)
      .error(`${compose.file} says already what runs`, 'say it in one place');
    return undefined;
  }
  if (isInline) {
    if (shorthandKeys.length === 0) return declareInline(app, problems);
    place
      .at(firstKey)
      .error(
        `"${firstKey}" is an attribute of a service, but services stand under "services"`,
        'move it into a service',
      );
    return undefined;
  }
  if ('image' in spec) return declareShorthand(appName, app, problems);
  place.error(
    'nothing here says what runs',
    'set image, or services, or put a compose.yaml beside this file',
  );
  return undefined;
}

function listShorthandKeys(spec: AppSpec): readonly string[] {
  const passed = 'services' in spec ? [...deliveryKeys, ...inlineKeys] : deliveryKeys;
  return Object.keys(spec).filter((key) => !passed.includes(key) && !key.startsWith('x-'));
}

function declareCompose(document: SourceDocument, problems: Problem[]): DeclaredModel {
  const place = createPlace(document, [], problems);
  const { services, networks, volumes, version, name } = document.value as ComposeDocument;
  if (version !== undefined) place.at('version').warn('version is obsolete and ignored', 'remove it');
  if (name !== undefined) {
    place
      .at('name')
      .warn('name is ignored: the project is named after the app', 'set metadata.name in app.yaml');
  }
  return {
    form: 'compose',
    model: createModel({ services, networks: networks ?? {}, volumes: volumes ?? {} }, place),
  };
}

function declareInline(document: SourceDocument, problems: Problem[]): DeclaredModel {
  const spec = (document.value as AppDocument).spec as Pick<
    ComposeDocument,
    'services' | 'networks' | 'volumes'
  >;
  const { services, networks, volumes } = spec;
  const place = createPlace(document, ['spec'], problems);
  return {
    form: 'inline',
    model: createModel({ services, networks: networks ?? {}, volumes: volumes ?? {} }, place),
  };
}

function createModel(
  parts: Pick<ComposeModel, 'services' | 'networks' | 'volumes'>,
  place: Place,
): ComposeModel {
  return {
    ...parts,
    inactive: new Map(),
    declaresImplicitly: false,
    servicePlace: (name) => place.at('services', name),
    networkPlace: (key) => place.at('networks', key),
    volumePlace: (key) => place.at('volumes', key),
  };
}

/** One service, named like the app; its attributes stand directly in `spec`. */
function declareShorthand(appName: string, document: SourceDocument, problems: Problem[]): DeclaredModel {
  const place = createPlace(document, ['spec'], problems);
  const spec = (document.value as AppDocument).spec ?? {};
  const attributes = Object.fromEntries(
    Object.entries(spec).filter(([key]) => !deliveryKeys.includes(key) && key !== 'port'),
  );
  const model: ComposeModel = {
    services: { [appName]: attributes as RawService },
    inactive: new Map(),
    networks: {},
    volumes: {},
    declaresImplicitly: true,
    servicePlace: () => place,
    networkPlace: () => place.at('networks'),
    volumePlace: () => place.at('volumes'),
  };
  return { form: 'shorthand', model };
}
