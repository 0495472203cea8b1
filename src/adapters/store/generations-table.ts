import type { DatabaseSync } from 'node:sqlite';
import type { GenerationFacts, GenerationKey, RecordedGeneration } from '#domain/history.ts';
import type { StoredSpec } from '#domain/history-spec.ts';
import type { SettledGeneration, SettleResult } from '#ports/store.ts';

/** What columns say is not in the body. */
type Body = Pick<GenerationFacts, 'specHash' | 'image' | 'digests'> & { readonly spec: StoredSpec };
type Row = {
  readonly id: number;
  readonly stack: string;
  readonly service: string;
  readonly generation: string;
  readonly image_id: string;
  readonly revision: string;
  readonly applied_at_ms: number;
  readonly ready_at_ms: number | null;
  readonly body: string;
};
type Application = Omit<Row, 'id'>;

export function createGenerationsTable(database: DatabaseSync) {
  const statements = prepare(database);
  const find = ({ stack, service, generation, imageId }: GenerationKey) =>
    statements.find.get(stack, service, generation, imageId) as Row | undefined;
  const findInForce = ({ stack, service }: GenerationKey) =>
    statements.inForce.get(stack, service) as Row | undefined;
  /** A new row even for what was there before: the id tells the order in which things were applied. */
  function apply(row: Application): void {
    statements.remove.run(row.stack, row.service, row.generation, row.image_id);
    statements.insert.run(
      ...([row.stack, row.service, row.generation, row.image_id] as const),
      ...([row.revision, row.applied_at_ms, row.ready_at_ms, row.body] as const),
    );
  }

  return {
    record(generation: GenerationFacts & { readonly spec: StoredSpec }): void {
      const row = toRow(generation);
      const inForce = findInForce(generation);
      if (inForce === undefined || !isSame(inForce, generation)) apply(row);
      else {
        const known = JSON.parse(inForce.body) as Body;
        const digests = generation.digests.length === 0 ? known.digests : generation.digests;
        statements.update.run(
          inForce.ready_at_ms ?? row.ready_at_ms,
          JSON.stringify({ ...known, digests }),
          inForce.id,
        );
      }
    },
    settle(settled: SettledGeneration): SettleResult {
      const known = find(settled);
      if (known === undefined) return 'unknown';
      const inForce = findInForce(settled);
      if (inForce?.id !== known.id) {
        const { revision, atMs } = settled;
        apply({ ...known, revision, applied_at_ms: atMs, ready_at_ms: atMs });
        return 'settled';
      }
      statements.comeBack.run(known.id);
      if (known.ready_at_ms !== null) return 'unchanged';
      statements.update.run(settled.atMs, known.body, known.id);
      return 'settled';
    },
    read(key: GenerationKey): RecordedGeneration | undefined {
      const row = find(key);
      return row === undefined ? undefined : toGeneration(row);
    },
    list(stack: string, service?: string): readonly RecordedGeneration[] {
      const rows =
        service === undefined ? statements.list.all(stack) : statements.listOne.all(stack, service);
      return (rows as Row[]).map(toGeneration);
    },
    forget(stack: string, atMs: number): void {
      statements.forget.run(atMs, stack);
    },
  };
}

const columns =
  'id, stack, service, generation, image_id, revision, applied_at_ms, ready_at_ms, body FROM generations';
const byKey = 'stack = ? AND service = ? AND generation = ? AND image_id = ?';
/** A stack has few: what is kept of each service is bounded. */
const mostListed = 300;

function prepare(database: DatabaseSync) {
  return {
    find: database.prepare(`SELECT ${columns} WHERE ${byKey}`),
    inForce: database.prepare(`SELECT ${columns} WHERE stack = ? AND service = ? ORDER BY id DESC LIMIT 1`),
    list: database.prepare(`SELECT ${columns} WHERE stack = ? ORDER BY id DESC LIMIT ${mostListed}`),
    listOne: database.prepare(
      `SELECT ${columns} WHERE stack = ? AND service = ? ORDER BY id DESC LIMIT ${mostListed}`,
    ),
    remove: database.prepare(`DELETE FROM generations WHERE ${byKey}`),
    insert: database.prepare(
      'INSERT INTO generations (stack, service, generation, image_id, revision, applied_at_ms, ready_at_ms, body) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    update: database.prepare(
      'UPDATE generations SET ready_at_ms = ?, body = ?, gone_at_ms = NULL WHERE id = ?',
    ),
    comeBack: database.prepare(
      'UPDATE generations SET gone_at_ms = NULL WHERE id = ? AND gone_at_ms IS NOT NULL',
    ),
    forget: database.prepare('UPDATE generations SET gone_at_ms = ? WHERE stack = ? AND gone_at_ms IS NULL'),
  };
}

function isSame(row: Row, key: GenerationKey): boolean {
  return row.generation === key.generation && row.image_id === key.imageId;
}

function toRow(generation: GenerationFacts & { readonly spec: StoredSpec }): Application {
  const { stack, service, revision, appliedAtMs, readyAtMs, specHash, image, digests, spec } = generation;
  const body: Body = { specHash, image, digests, spec };
  return {
    stack,
    service,
    generation: generation.generation,
    image_id: generation.imageId,
    revision,
    applied_at_ms: appliedAtMs,
    ready_at_ms: readyAtMs ?? null,
    body: JSON.stringify(body),
  };
}

function toGeneration(row: Row): RecordedGeneration {
  const { id, stack, service, generation, revision } = row;
  return {
    ...(JSON.parse(row.body) as Body),
    id,
    stack,
    service,
    generation,
    imageId: row.image_id,
    revision,
    appliedAtMs: row.applied_at_ms,
    ...(row.ready_at_ms === null ? {} : { readyAtMs: row.ready_at_ms }),
  };
}
