// What the engine has been asked before something was replaced, and its answer: made of the other declaration, the
// container comes out the same. Losing an answer costs a container that is made to ask again, and dropped.
import type { Equality } from '#domain/equality.ts';
import type { EngineInfo } from '#ports/engine.ts';
import type { OverrideStore } from '#ports/store.ts';

export type EqualityRecords = Pick<OverrideStore, 'listEqualities' | 'putEquality'>;

export type Equalities = {
  /** Generations by container id. What another version of the engine has shown says nothing. */
  of(engine: EngineInfo): Readonly<Record<string, string>>;
  note(container: Pick<Equality, 'containerId' | 'generation'>, engine: EngineInfo): void;
};

export function createEqualities(records: EqualityRecords): Equalities {
  let known: { readonly engine: string; readonly generations: Readonly<Record<string, string>> } | undefined;

  return {
    of(info) {
      const engine = toEngineKey(info);
      if (known?.engine === engine) return known.generations;
      const shown = records.listEqualities().filter((each) => each.engine === engine);
      const generations = Object.fromEntries(shown.map((each) => [each.containerId, each.generation]));
      known = { engine, generations };
      return generations;
    },
    note(container, info) {
      records.putEquality({ ...container, engine: toEngineKey(info) });
      known = undefined;
    },
  };
}

function toEngineKey({ version, apiVersion }: EngineInfo): string {
  return `${version} (API ${apiVersion})`;
}
