import { describe, expect, it } from 'vitest';
import type { RecordedCycle, RecordedGeneration } from '#domain/history.ts';
import { compareGenerations } from '#domain/history-diff.ts';
import { findVersion, type Past } from '#domain/history-versions.ts';
import { aFile } from '#test/support/builders.ts';
import { aCycle, aGeneration } from '#test/support/history-records.ts';

function recorded(changes: Parameters<typeof aGeneration>[0], id = 1): RecordedGeneration {
  const { spec, ...facts } = aGeneration(changes);
  return { ...facts, id, spec: { spec, withheld: [] } };
}

function cycle(id: number, revision: string, generations: Readonly<Record<string, string>>): RecordedCycle {
  return { ...aCycle({ revision, generations }), id, repeats: 0, lastAtMs: 0 };
}

const past: Past = {
  cycles: [
    cycle(3, 'main@sha1:bbbb2222', { web: 'cccccccc0001', db: 'dddddddd0001' }),
    cycle(2, 'main@sha1:bbbb1111', { web: 'cccccccc0002' }),
    cycle(1, 'main@sha1:aaaa1111', { web: 'gone' }),
  ],
  generations: [
    recorded({ generation: 'cccccccc0001' }, 3),
    recorded({ generation: 'dddddddd0001', service: 'db' }, 2),
    recorded({ generation: 'cccccccc0002' }, 1),
  ],
};

describe('a version', () => {
  it.each([
    ['3', ['cccccccc0001', 'dddddddd0001']],
    ['main@sha1:bbbb2222', ['cccccccc0001', 'dddddddd0001']],
    ['bbbb1', ['cccccccc0002']],
    ['cccccccc0002', ['cccccccc0002']],
    ['dddd', ['dddddddd0001']],
  ])('%s is found', (reference, generations) => {
    const found = findVersion(reference, past);

    expect(found.kind === 'found' && found.generations.map(({ generation }) => generation)).toEqual(
      generations,
    );
  });

  it.each([
    ['bbbb', 'ambiguous'],
    ['cccc', 'ambiguous'],
    ['1', 'unknown'],
    ['aaaa1111', 'unknown'],
    ['9', 'unknown'],
    ['ccc', 'unknown'],
    ['', 'unknown'],
    ['main', 'unknown'],
    ['.*', 'unknown'],
  ])('%j is %s', (reference, kind) => {
    expect(findVersion(reference, past).kind).toBe(kind);
  });
});

describe('two versions', () => {
  const compare = (
    from: Parameters<typeof aGeneration>[0],
    to: Parameters<typeof aGeneration>[0],
  ): readonly string[] =>
    compareGenerations([recorded(from)], [recorded(to)]).flatMap(({ changes }) =>
      changes.map((change) => `${change.path}: ${change.from} → ${change.to}`),
    );

  it('are compared down to the leaves', () => {
    const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;

    expect(
      compare(
        { spec: { ports: [port], readOnly: true } },
        { spec: { ports: [{ ...port, hostPort: '9090' }], resources: { memoryBytes: 1024 } } },
      ),
    ).toEqual([
      'ports[0].hostPort: 8080 → 9090',
      'readOnly: true → (none)',
      'resources.memoryBytes: (none) → 1024',
    ]);
  });

  it.each([
    ['variables', { environment: { A: 'hush' } }, { environment: { A: 'hush2', B: 'hush' } }],
    ['labels', { labels: { a: 'hush' } }, { labels: { a: 'hush2' } }],
    ['commands', { command: ['hush'] }, { command: null }],
    [
      'health checks',
      { healthcheck: { test: ['CMD', 'hush'] } },
      { healthcheck: { test: ['CMD', 'hush2'] } },
    ],
    ['log options', { logging: { options: { a: 'hush' } } }, { logging: { options: { a: 'hush2' } } }],
    ['secret files', { files: [aFile({ secret: true, contentHash: 'scrypt:hush' })] }, { files: [] }],
  ])('tell of %s that they differ, and never how', (_what, from, to) => {
    const lines = compare({ spec: from }, { spec: to });

    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain('hush');
    expect(lines.join()).toContain('***');
  });

  it('tell of a delivered file by its hash', () => {
    const lines = compare(
      { spec: { files: [aFile({ content: 'a' })] } },
      { spec: { files: [aFile({ content: 'b' })] } },
    );

    expect(lines).toEqual([
      expect.stringMatching(/^files\.\/etc\/app\.conf\.content: sha256:\w+ → sha256:\w+$/),
    ]);
  });

  it('may have services that the other one has not', () => {
    const [web, db] = [recorded({}), recorded({ service: 'db' })];

    expect(compareGenerations([web], [db]).map(({ service, kind }) => [service, kind])).toEqual([
      ['db', 'added'],
      ['web', 'removed'],
    ]);
    expect(compareGenerations([web], [web])).toMatchObject([{ kind: 'same', changes: [] }]);
  });
});
