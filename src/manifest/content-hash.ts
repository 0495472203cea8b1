import { hash } from 'node:crypto';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { toCanonicalJson } from './canonical-json.ts';

// The version changes when equal input would give another hash, so that an upgrade is told from a change.
const specHashVersion = 'v1';

export function hashContent(value: unknown): string {
  return hash('sha256', toCanonicalJson(value));
}

export type SpecHashes = {
  readonly specHash: string;
  readonly generation: string;
  readonly coreHash: string;
  readonly filesHash?: string;
};

export function hashSpec(spec: ContainerSpec): SpecHashes {
  const whole = hashContent({ spec: withoutContents(spec) });
  // What the engine changes while a container runs needs no new one.
  const { restart: _, resources: __, ...core } = withoutContents(spec);
  const { files = [] } = core;
  return {
    specHash: `${specHashVersion}:${whole}`,
    generation: whole.slice(0, 12),
    coreHash: `${specHashVersion}:${hashContent({ core })}`,
    ...(files.length > 0 && { filesHash: hashContent({ files }).slice(0, 12) }),
  };
}

/**
 * Of what is delivered, `contentHash` alone says which content it is. Both spellings of "no restart" are one to the
 * engine, and one in the hash.
 */
function withoutContents({ files, restart, networks, ...spec }: ContainerSpec) {
  return {
    ...spec,
    // Names are changed in place, and the hash is one that containers have from before this one was told.
    networks: networks.map(({ byOwnName: _byOwnName, ...network }) => network),
    restart: { ...restart, name: restart.name || 'no' },
    files: files?.map(({ contentBase64: _content, ...file }) => file),
  };
}
