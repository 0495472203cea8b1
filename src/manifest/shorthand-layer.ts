// The shorthand as the Compose project that it stands for: one service, named like the app.
import type { LayerFile } from './compose/load/load-layers.ts';
import { parseShortVolume } from './compose/short/short-volume.ts';
import type { StageSpec } from './documents.ts';
import { appFileName } from './find-apps.ts';
import type { DocumentPath, SourceDocument } from './yaml/source-document.ts';

type Service = Readonly<Record<string, unknown>>;

/** Its attributes stand directly in `spec`, and there is no room to declare networks and volumes: using them does. */
export function toShorthandLayer(appName: string, service: Service, app: SourceDocument): LayerFile {
  const value = {
    services: { [appName]: service },
    networks: toDeclarations(listNetworks(service['networks'])),
    volumes: toDeclarations(listVolumes(service['volumes'])),
  };
  const locate = (path: DocumentPath): DocumentPath => {
    const [section = '', , ...rest] = path;
    return section === 'services' ? ['spec', ...rest] : ['spec', section];
  };
  return toLayer(app, value, locate);
}

export type StageService = {
  readonly stage: StageSpec;
  readonly stageName: string | undefined;
  /** With the stage's tag, variables put in. */
  readonly image: string | undefined;
  readonly port: string | undefined;
};

/** What one stage lays over it. */
export function toStageLayer(appName: string, input: StageService, app: SourceDocument): LayerFile {
  const { stage, stageName = '', image, port } = input;
  const service = {
    // It is interpolated once more with the rest.
    ...(image !== undefined && { image: image.replaceAll('$', '$$$$') }),
    ...(port !== undefined && { expose: [port] }),
    ...(stage.environment !== undefined && { environment: stage.environment }),
  };
  const locate = (path: DocumentPath): DocumentPath => {
    const [, , key = '', ...rest] = path;
    if (key === 'environment') return ['spec', 'stages', stageName, 'environment', ...rest];
    return key === 'expose' ? ['spec', 'port'] : ['spec', key];
  };
  return toLayer(app, { services: { [appName]: service } }, locate);
}

function toLayer(
  app: SourceDocument,
  value: object,
  locate: (path: DocumentPath) => DocumentPath,
): LayerFile {
  const document: SourceDocument = {
    file: app.file,
    value,
    locate: (path, of) => app.locate(locate(path), of),
  };
  return { path: appFileName, documents: [document] };
}

function toDeclarations(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.filter((name) => name !== 'default').map((name) => [name, null]));
}

function listNetworks(networks: unknown): readonly string[] {
  if (Array.isArray(networks)) return networks.filter((name) => typeof name === 'string');
  return typeof networks === 'object' && networks !== null ? Object.keys(networks) : [];
}

function listVolumes(volumes: unknown): readonly string[] {
  return (Array.isArray(volumes) ? volumes : []).flatMap((entry: unknown) => findVolumeName(entry) ?? []);
}

/** What is no named volume, or wrong, is told when the service is read. */
function findVolumeName(entry: unknown): string | undefined {
  if (typeof entry === 'string') {
    const parsed = parseShortVolume(entry);
    const isNamed = parsed.kind === 'volume' && parsed.volume.type === 'volume';
    return isNamed ? parsed.volume.source || undefined : undefined;
  }
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { type, source } = entry as { readonly type?: unknown; readonly source?: unknown };
  return type === 'volume' && typeof source === 'string' ? source : undefined;
}
