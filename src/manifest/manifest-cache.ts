import type { DesiredApp } from '#domain/desired.ts';
import type { LoadedFleet } from './load-fleet.ts';

/** What the last load made of each app; it never holds more than the apps of that load. */
export type ManifestCache = {
  fleet(oid: string, load: () => Promise<LoadedFleet>): Promise<LoadedFleet>;
  /** Loads when `key` differs from the last time; what is not `lasting` is not kept. */
  app(directory: string, key: string, load: () => Promise<Loaded>): Promise<DesiredApp>;
  keepOnly(directories: readonly string[]): void;
};

type Loaded = { readonly value: DesiredApp; readonly lasting: boolean };

export function createManifestCache(): ManifestCache {
  const apps = new Map<string, { readonly key: string; readonly app: DesiredApp }>();
  let lastFleet: { readonly oid: string; readonly fleet: LoadedFleet } | undefined;
  return {
    async fleet(oid, load) {
      if (lastFleet?.oid === oid) return lastFleet.fleet;
      const fleet = await load();
      lastFleet = { oid, fleet };
      return fleet;
    },
    async app(directory, key, load) {
      const known = apps.get(directory);
      if (known?.key === key) return known.app;
      const { value, lasting } = await load();
      if (lasting) apps.set(directory, { key, app: value });
      else apps.delete(directory);
      return value;
    },
    keepOnly(directories) {
      const kept = new Set(directories);
      for (const directory of apps.keys()) if (!kept.has(directory)) apps.delete(directory);
    },
  };
}
