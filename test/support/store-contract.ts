// What every store promises; run on the real one and on the one that the other tests use.
import { expect, it } from 'vitest';
import { createRedactor } from '#domain/redactor.ts';
import type { Store } from '#ports/store.ts';
import { aFile } from './builders.ts';
import {
  aCycle,
  aGeneration,
  aHold,
  anEvent,
  anEvidence,
  anOverride,
  aRevision,
  aTarget,
} from './history-records.ts';

const canary = 'canary-4d2f/secret value';

export function itIsAStore(create: (redactor: ReturnType<typeof createRedactor>) => Store) {
  function createKnowing(): Store {
    const redactor = createRedactor();
    redactor.add(canary);
    return create(redactor);
  }

  it('gives a cycle back as it was', () => {
    const store = createKnowing();
    const cycle = aCycle({ failure: { code: 'ENGINE_TIMEOUT', message: 'no answer' } });

    const id = store.recordCycle(cycle) ?? 0;

    const recorded = { ...cycle, id, repeats: 0, lastAtMs: cycle.startedAtMs };
    expect(store.readCycle(id)).toEqual(recorded);
    expect(store.listCycles({ limit: 10 })).toEqual([recorded]);
    expect(store.readCycle(id + 1)).toBeUndefined();
  });

  it('counts a cycle that is the same again, and keeps one that is not', () => {
    const store = createKnowing();

    const first = store.recordCycle(aCycle());
    store.recordCycle(aCycle({ stack: 'other' }));
    const again = store.recordCycle(aCycle({ startedAtMs: 2_000_000, durationMs: 7, trigger: 'timer' }));
    const changed = store.recordCycle(aCycle({ startedAtMs: 3_000_000, result: 'converged' }));

    expect(again).toBe(first);
    expect(store.readCycle(first ?? 0)).toMatchObject({
      repeats: 1,
      lastAtMs: 2_000_000,
      startedAtMs: 1_000_000,
    });
    expect(store.listCycles({ stack: 'shop', limit: 10 }).map(({ id }) => id)).toEqual([changed, first]);
  });

  it('lists pages of one stack or of all, newest first', () => {
    const store = createKnowing();
    for (const at of [1, 2, 3, 4, 5]) {
      store.recordCycle(aCycle({ stack: at % 2 ? 'odd' : 'even', revision: `main@sha1:${at}` }));
    }
    const revisions = (query: Parameters<Store['listCycles']>[0]) =>
      store.listCycles(query).map(({ revision }) => revision.at(-1));
    const [, second] = store.listCycles({ limit: 2 });

    expect(revisions({ limit: 2 })).toEqual(['5', '4']);
    expect(revisions({ limit: 2, before: second?.id ?? 0 })).toEqual(['3', '2']);
    expect(revisions({ limit: 9, stack: 'odd' })).toEqual(['5', '3', '1']);
    expect(revisions({ limit: 9, stack: 'odd', before: second?.id ?? 0 })).toEqual(['3', '1']);
  });

  it('gives a generation back with its spec', () => {
    const store = createKnowing();
    const generation = aGeneration({ spec: { command: ['serve'], files: [aFile()] } });

    store.recordGeneration(generation);

    const stored = { ...generation, id: expect.any(Number), spec: { spec: generation.spec, withheld: [] } };
    expect(store.readGeneration(generation)).toEqual(stored);
    expect(store.listGenerations('shop')).toEqual([stored]);
    expect(store.listGenerations('shop', 'db')).toEqual([]);
    expect(store.readGeneration({ ...generation, imageId: 'sha256:other' })).toBeUndefined();
  });

  it('adds to the generation in force what is new, and leaves alone when it was applied', () => {
    const store = createKnowing();
    const generation = aGeneration({ digests: [] });
    store.recordGeneration(generation);

    store.recordGeneration({ ...generation, digests: ['web@sha256:1'], appliedAtMs: 5, readyAtMs: 7 });
    store.recordGeneration({ ...generation, digests: [], appliedAtMs: 9 });

    expect(store.listGenerations('shop')).toMatchObject([
      { digests: ['web@sha256:1'], appliedAtMs: generation.appliedAtMs, readyAtMs: 7 },
    ]);
  });

  it('settles what was applied, and what comes back', () => {
    const store = createKnowing();
    const old = aGeneration();
    const next = aGeneration({ spec: { image: 'web:2' } });
    const settle = (key: typeof old, atMs: number) =>
      store.settleGeneration({ ...key, revision: aRevision, atMs });
    const order = () =>
      store.listGenerations('shop', 'web').map(({ image, readyAtMs }) => [image, readyAtMs]);

    expect(settle(old, 1)).toBe('unknown');
    store.recordGeneration(old);
    expect(settle(old, 2)).toBe('settled');
    expect(settle(old, 3)).toBe('unchanged');
    store.recordGeneration(next);
    expect(order()).toEqual([
      ['web:2', undefined],
      ['web:1', 2],
    ]);
    expect(settle(old, 4)).toBe('settled');
    expect(order()).toEqual([
      ['web:1', 4],
      ['web:2', undefined],
    ]);
  });

  it('applied again, a generation has yet to become ready again', () => {
    const store = createKnowing();
    const old = aGeneration({ readyAtMs: 1 });
    store.recordGeneration(old);
    store.recordGeneration(aGeneration({ spec: { image: 'web:2' }, readyAtMs: 2 }));

    store.recordGeneration(aGeneration({ appliedAtMs: 3 }));

    expect(store.listGenerations('shop')[0]).not.toHaveProperty('readyAtMs');
    expect(store.listGenerations('shop')[0]).toMatchObject({ image: 'web:1', appliedAtMs: 3 });
  });

  it('lists events newest first, and those after one in their order', () => {
    const store = createKnowing();
    const first = store.recordEvent(anEvent({ message: '1', atMs: 10 }));
    store.recordEvent(anEvent({ message: '2', atMs: 20, stack: 'other' }));
    store.recordEvent(anEvent({ message: '3', atMs: 30 }));
    const messages = (query: Parameters<Store['listEvents']>[0]) =>
      store.listEvents(query).map(({ message }) => message);

    expect(first).toMatchObject(anEvent({ message: '1', atMs: 10 }));
    expect(messages({ limit: 9 })).toEqual(['3', '2', '1']);
    expect(messages({ limit: 9, stack: 'shop' })).toEqual(['3', '1']);
    expect(messages({ limit: 9, sinceMs: 20 })).toEqual(['3', '2']);
    expect(messages({ limit: 1, after: first?.id ?? 0 })).toEqual(['2']);
    expect(messages({ limit: 9, after: first?.id ?? 0, stack: 'shop' })).toEqual(['3']);
  });

  it('keeps the end of a long log', () => {
    const store = createKnowing();
    const logLines = Array.from({ length: 300 }, (_, at) => `${at} ${'x'.repeat(5000)}`);

    store.recordEvidence(anEvidence({ logLines }));

    const [found] = store.listEvidence({ stack: 'shop', limit: 5 });
    expect(found).toMatchObject({ exitCode: 3, container: 'shop-web-1--01234567' });
    expect(found?.logLines).toHaveLength(200);
    expect(found?.logLines[0]?.slice(0, 4)).toBe('100 ');
    expect(found?.logLines[0]).toHaveLength(2000);
    expect(store.listEvidence({ stack: 'other', limit: 5 })).toEqual([]);
  });

  it('finds what was seen of failures by stack and time', () => {
    const store = createKnowing();
    for (const atMs of [10, 20, 30]) store.recordEvidence(anEvidence({ atMs, reason: `at ${atMs}` }));
    store.recordEvidence(anEvidence({ atMs: 20, reason: 'of another', stack: 'other' }));
    const reasons = (query: Partial<Parameters<Store['listEvidence']>[0]>) =>
      store.listEvidence({ limit: 9, ...query }).map(({ reason }) => reason);

    expect(reasons({ stack: 'shop' })).toEqual(['at 30', 'at 20', 'at 10']);
    expect(reasons({ stack: 'shop', fromMs: 11, toMs: 30 })).toEqual(['at 30', 'at 20']);
    expect(reasons({ toMs: 20 })).toEqual(['of another', 'at 20', 'at 10']);
    expect(reasons({ fromMs: 20, limit: 1 })).toEqual(['of another']);
  });

  it('keeps one hold for each version of a service, until it is removed', () => {
    const store = createKnowing();
    store.putHold(aHold());
    store.putHold(aHold({ message: 'again' }));
    store.putHold(aHold({ service: 'db' }));
    store.putHold(aHold({ imageId: 'sha256:bbbb' }));
    store.putHold(aHold({ stack: 'other' }));

    expect(store.listHolds('shop').map(({ service, message }) => [service, message])).toEqual([
      ['web', 'again'],
      ['db', 'it never became healthy'],
      ['web', 'it never became healthy'],
    ]);
    store.removeHold(aHold());
    expect(store.listHolds().map(({ stack, service }) => [stack, service])).toEqual([
      ['shop', 'db'],
      ['shop', 'web'],
      ['other', 'web'],
    ]);
  });

  it('keeps one override of a kind for each service and for the whole stack', () => {
    const store = createKnowing();
    const target = aTarget();
    store.putOverride(anOverride({ untilMs: 5 }));
    store.putOverride(anOverride({ reason: 'longer' }));
    store.putOverride(anOverride({ kind: 'rolled-back', service: 'web', target }));

    expect(store.listOverrides('shop')).toEqual([
      anOverride({ reason: 'longer' }),
      anOverride({ kind: 'rolled-back', service: 'web', target }),
    ]);
    store.removeOverride({ stack: 'shop', kind: 'suspended' });
    expect(store.listOverrides().map(({ kind }) => kind)).toEqual(['rolled-back']);
  });

  it('keeps approvals, but not without end', () => {
    const store = createKnowing();
    for (let at = 0; at < 120; at += 1) {
      store.putApproval({ token: `t${at}`, grantedAtMs: at, covers: ['id'] });
    }
    store.removeApproval('t119');

    expect(store.listApprovals()).toHaveLength(99);
    expect(store.listApprovals()[0]).toEqual({ token: 't20', grantedAtMs: 20, covers: ['id'] });
  });

  it('keeps what an engine has shown, once for each container and not without end', () => {
    const store = createKnowing();
    const engine = '20.10.24 (API 1.41)';
    for (let at = 0; at < 1010; at += 1) {
      store.putEquality({ containerId: `c${at}`, generation: '0123456789ab', limits: [], engine });
    }
    store.putEquality({ containerId: 'c20', generation: 'ba9876543210', limits: ['cpus: 0'], engine });

    const kept = store.listEqualities();
    expect(kept).toHaveLength(1000);
    expect(kept[0]?.containerId).toBe('c10');
    expect(kept.at(-1)).toEqual({
      containerId: 'c20',
      generation: 'ba9876543210',
      limits: ['cpus: 0'],
      engine,
    });
  });

  it('gives no secret back, whatever it was given in', () => {
    const store = createKnowing();
    const cause = { reason: 'SpecChanged', message: canary, wanted: canary } as const;
    const [step] = aCycle().steps;
    const text = `user:${canary}@host`;
    const config = aFile({ target: '/etc/app.conf', content: `password=${canary}\n` });
    const secret = aFile({
      target: '/run/secrets/token',
      content: 'unknown to the redactor',
      secret: true,
    });

    store.recordCycle(aCycle({ pending: [text], steps: step === undefined ? [] : [{ ...step, cause }] }));
    store.recordEvent(anEvent({ message: text }));
    store.recordEvidence(anEvidence({ reason: text, probeOutput: text, logLines: [text] }));
    store.recordGeneration(
      aGeneration({ spec: { environment: { URL: text }, files: [config, secret], command: [canary] } }),
    );
    store.putHold(aHold({ message: text }));
    store.putOverride(anOverride({ reason: text }));

    const [generation] = store.listGenerations('shop');
    const given = JSON.stringify([
      store.listCycles({ limit: 9 }),
      store.listEvents({ limit: 9 }),
      store.listEvidence({ limit: 9 }),
      generation,
      store.listHolds(),
      store.listOverrides(),
    ]);
    expect(given).not.toContain(canary);
    expect(given).not.toContain(config.contentBase64);
    expect(given).not.toContain(secret.contentBase64);
    expect(generation?.spec.withheld.map(({ path }) => path.join('.')).toSorted()).toEqual([
      'command.0',
      'environment.URL',
      'files./etc/app.conf',
      'files./run/secrets/token',
    ]);
  });
}
