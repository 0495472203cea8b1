import type { LayerFile } from './compose/load/load-layers.ts';
import type { AppDocument } from './documents.ts';
import { appFileName } from './find-apps.ts';
import type { SourceDocument } from './yaml/source-document.ts';

const projectKeys = ['services', 'networks', 'volumes', 'configs', 'secrets'];

export function isProjectKey(key: string): boolean {
  return projectKeys.includes(key);
}

/** A Compose project that stands in app.yaml, under `spec`. */
export function toInlineLayer(app: SourceDocument): LayerFile {
  const spec = (app.value as AppDocument).spec ?? {};
  const value = Object.fromEntries(Object.entries(spec).filter(([key]) => isProjectKey(key)));
  const document: SourceDocument = {
    file: app.file,
    value,
    locate: (path, of) => app.locate(['spec', ...path], of),
  };
  return { path: appFileName, documents: [document] };
}
