import { describe, expect, it } from 'vitest';
import { judgeReadiness } from '#domain/judge-readiness.ts';
import { generationLabel } from '#domain/labels.ts';
import type { ContainerDetails, ObservedContainer } from '#domain/observed.ts';
import { planProbes } from '#domain/plan-probes.ts';
import type { Probe } from '#domain/probe.ts';
import { aService } from '#test/support/builders.ts';

const probe: Probe = { check: { kind: 'tcp', port: 80 }, intervalMs: 1000, timeoutMs: 500, id: 'one' };
const service = aService({ probe });
const details: ContainerDetails = {
  startedAtMs: 1000,
  finishedAtMs: 0,
  restartCount: 0,
  restartPolicy: { name: 'no', maxRetries: 0 },
  oomKilled: false,
  error: '',
  healthOutput: '',
};

function aContainer(
  options: Partial<ObservedContainer> & { readonly addresses?: Readonly<Record<string, string>> } = {},
): ObservedContainer {
  const { addresses = { shop_default: '10.0.0.2', fleet: '10.1.0.2' }, ...rest } = options;
  const found = Object.entries(addresses).map(([network, address]) => ({ network, address }));
  return {
    id: 'c1',
    name: 'shop-web-1',
    labels: { [generationLabel]: service.generation },
    imageId: 'sha256:web1',
    state: 'running',
    networkMode: 'shop_default',
    networks: Object.keys(addresses).map((network) => ({ network, networkId: network })),
    publishedPorts: [],
    volumeNames: [],
    details: { ...details, addresses: found },
    ...rest,
  };
}

function ask(container: ObservedContainer, more: Partial<Parameters<typeof planProbes>[2]> = {}) {
  return planProbes(service, [container], { nowMs: 5000, probes: {}, containers: [container], ...more });
}

describe('where a container is asked', () => {
  it('is in its primary network', () => {
    expect(ask(aContainer())).toMatchObject([{ address: '10.0.0.2', dueAtMs: 5000 }]);
  });

  it('is in a network that we are in as well, if we run in a container', () => {
    const self = aContainer({ id: 'self', name: 'shorefast', addresses: { fleet: '10.1.0.3' } });

    const asked = ask(aContainer(), { containers: [self], selfContainerId: 'self' });

    expect(asked).toMatchObject([{ address: '10.1.0.2' }]);
  });

  it("is the host's own for one in the host's network", () => {
    expect(ask(aContainer({ networkMode: 'host', addresses: {} }))).toMatchObject([{ address: '127.0.0.1' }]);
  });

  it('is with the container whose network it shares', () => {
    const other = aContainer({
      id: 'c2',
      name: 'vpn',
      addresses: { bridge: '172.17.0.2' },
      networkMode: 'default',
    });
    const sharing = aContainer({ networkMode: 'container:c2', addresses: {} });

    expect(ask(sharing, { containers: [other, sharing] })).toMatchObject([{ address: '172.17.0.2' }]);
  });

  it('is nowhere for one without any network, so that only exec is left', () => {
    expect(ask(aContainer({ networkMode: 'none', addresses: {} }))).toMatchObject([{ address: undefined }]);
  });
});

describe('who is asked', () => {
  it.each([
    ['one that does not run', aContainer({ state: 'exited' })],
    ['one of another version', aContainer({ labels: { [generationLabel]: 'other' } })],
  ])('not %s', (_, container) => {
    expect(ask(container)).toEqual([]);
  });

  it('not one that has passed, until it is started or connected anew', () => {
    const container = aContainer();
    const run = ask(container)[0]?.run ?? '';
    const passed = { c1: { run, ok: true, output: '', atMs: 4000, sinceMs: 4000 } };
    const moved = aContainer({ addresses: { shop_default: '10.0.0.9' } });
    const restarted = { ...container, details: { ...details, startedAtMs: 2000, addresses: [] } };

    expect(ask(container, { probes: passed })).toEqual([]);
    expect(ask(moved, { probes: passed })).toHaveLength(1);
    expect(ask(restarted, { probes: passed })).toHaveLength(1);
  });

  it('one that has not passed, when its interval is over', () => {
    const run = ask(aContainer())[0]?.run ?? '';
    const failed = { c1: { run, ok: false, output: '', atMs: 4500, sinceMs: 4000 } };

    expect(ask(aContainer(), { probes: failed })).toMatchObject([{ dueAtMs: 5500 }]);
  });

  it('one whose last answer was before the clock was set back, at once', () => {
    const run = ask(aContainer())[0]?.run ?? '';
    const failed = { c1: { run, ok: false, output: '', atMs: 90_000, sinceMs: 80_000 } };

    expect(ask(aContainer(), { probes: failed })).toMatchObject([{ dueAtMs: 5000 }]);
  });
});

it('a clock that was set forward makes no check fail', () => {
  const container = aContainer();
  const run = ask(container)[0]?.run ?? '';
  const nowMs = 9_000_000;
  const probes = { c1: { run, ok: false, output: '', atMs: 4500, sinceMs: 4000 } };

  const kinds = [nowMs - 1000, 0].map(
    (clockSetAtMs) => judgeReadiness(container, service, { nowMs, clockSetAtMs, probes }).kind,
  );

  expect(kinds).toEqual(['starting', 'failed']);
});
