// What the engine has been asked before something was replaced, and its answer: made of the other declaration, the
// container comes out the same. Losing an answer costs a container that is made to ask again, and dropped.
import type { Equality, ShownEqual } from '#domain/equality.ts';
import type { EngineInfo } from '#ports/engine.ts';
import type { OverrideStore } from '#ports/store.ts';

export type EqualityRecords = Pick<OverrideStore, 'listEqualities' | 'putEquality'>;

export type Equalities = {
  /** By container id. What another version of the engine has shown says nothing. */
  of(engine: EngineInfo): Readonly<Record<string, ShownEqual>>;
  note(shown: Omit<Equality, 'engine'>, engine: EngineInfo): void;
};

export function createEqualities(records: EqualityRecords): Equalities {
  let known: { readonly engine: string; readonly byId: Readonly<Record<string, ShownEqual>> } | undefined;

  return {
    of(info) {
      const engine = toEngineKey(info);
      if (known?.engine === engine) return known.byId;
      const shown = records.listEqualities().filter((each) => each.engine === engine);
      const byId = Object.fromEntries(shown.map((each) => [each.containerId, each]));
      known = { engine, byId };
      return byId;
    },
    note(shown, info) {
      records.putEquality({ ...shown, engine: toEngineKey(info) });
      known = undefined;
    },
  };
}

function toEngineKey({ version, apiVersion }: EngineInfo): string {
  return `${version} (API ${apiVersion})`;
}
