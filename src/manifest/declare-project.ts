import type { Problem } from '#domain/problem.ts';
import type { LayerFile } from './compose/load/load-layers.ts';
import type { AppDocument, AppSpec } from './documents.ts';
import { isProjectKey, toInlineLayer } from './inline-layer.ts';
import { createPlace } from './place.ts';
import { toShorthandLayer } from './shorthand-layer.ts';
import type { SourceDocument } from './yaml/source-document.ts';

/** What an app says to run, and in which form it says so. */
export type DeclaredProject = {
  readonly form: 'shorthand' | 'inline' | 'compose';
  readonly layers: readonly LayerFile[];
};

/** In app.yaml beside what runs; all other attributes of `spec` are those of the shorthand's service. */
const deliveryKeys = [
  'active',
  'drift',
  'adopt',
  'variables',
  'rollout',
  'health',
  'hooks',
  'dependsOn',
  'stages',
  'profiles',
  'tag',
];

export type AppDocuments = {
  readonly app: SourceDocument | undefined;
  /** The Compose file and what overrides it. */
  readonly compose: readonly LayerFile[];
};

/** Undefined when not exactly one of the three forms is used; `problems` then says so. */
export function declareProject(
  appName: string,
  { app, compose }: AppDocuments,
  problems: Problem[],
): DeclaredProject | undefined {
  if (app === undefined) return declareCompose(compose);
  const spec = (app.value as AppDocument).spec ?? {};
  const place = createPlace(app, ['spec'], problems);
  const shorthandKeys = listShorthandKeys(spec);
  const isInline = 'services' in spec;
  const [firstKey = 'image'] = shorthandKeys;
  if (compose.length > 0) {
    if (!isInline && shorthandKeys.length === 0) return declareCompose(compose);
    place
      .at(isInline ? 'services' : firstKey)
      .error(`${nameOf(compose[0])} says already what runs`, 'say it in one place');
    return undefined;
  }
  if (isInline) {
    if (shorthandKeys.length === 0) return { form: 'inline', layers: [toInlineLayer(app)] };
    place
      .at(firstKey)
      .error(
        `"${firstKey}" is an attribute of a service, but services stand under "services"`,
        'move it into a service',
      );
    return undefined;
  }
  if ('image' in spec) {
    const attributes = shorthandKeys.filter((key) => key !== 'port');
    const service = Object.fromEntries(attributes.map((key) => [key, spec[key]]));
    return { form: 'shorthand', layers: [toShorthandLayer(appName, service, app)] };
  }
  place.error(
    'nothing here says what runs',
    'set image, or services, or put a compose.yaml beside this file',
  );
  return undefined;
}

function nameOf(layer: LayerFile | undefined): string {
  return typeof layer === 'string' ? layer : (layer?.path ?? '');
}

function declareCompose(layers: readonly LayerFile[]): DeclaredProject | undefined {
  return layers.length === 0 ? undefined : { form: 'compose', layers };
}

function listShorthandKeys(spec: AppSpec): readonly string[] {
  const isInline = 'services' in spec;
  return Object.keys(spec).filter(
    (key) => !deliveryKeys.includes(key) && !key.startsWith('x-') && !(isInline && isProjectKey(key)),
  );
}
