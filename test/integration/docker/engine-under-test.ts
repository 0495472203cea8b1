import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createBuildContexts } from '#adapters/docker/build-context.ts';
import { createDockerEngine, type DockerEngineOptions } from '#adapters/docker/docker-engine.ts';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { FileTree } from '#domain/file-tree.ts';
import type { ObservedContainer } from '#domain/observed.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import type { Engine, StepResult } from '#ports/engine.ts';
import { buildContainer, buildStep } from '#test/adapters/docker/build-container.ts';
import { attachEngine, type TestEngine } from '#test/support/engine.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { findImageId, testImages } from '#test/support/images.ts';

/** The adapter on the real engine, and names that nobody else has. */
export type EngineUnderTest = {
  readonly engine: Engine;
  readonly real: TestEngine;
  readonly signal: AbortSignal;
  readonly labels: Readonly<Record<string, string>>;
  name(part: string): string;
  run(step: Parameters<typeof buildStep>[0]): Promise<StepResult>;
  create(part: string, spec?: Partial<ContainerSpec>): Promise<ContainerToCreate>;
  find(part: string): Promise<ObservedContainer | undefined>;
  /** What the engine itself says. */
  ask<T>(path: string): Promise<T>;
  cleanUp(): Promise<void>;
};

export async function openEngineUnderTest(
  options: Partial<DockerEngineOptions> = {},
  openTree: () => FileTree | undefined = () => undefined,
  deadlineMs = 110_000,
): Promise<EngineUnderTest> {
  const real = attachEngine(inject('engine'));
  const engine = createDockerEngine({
    host: real.host,
    registryCredentials: async () => undefined,
    buildContexts: createBuildContexts({ openTree: async () => openTree(), maxContextBytes: 1024 * 1024 }),
    timeouts: { callMs: 20_000, pullMs: 30_000, buildMs: 60_000, stopMarginMs: 10_000 },
    ...options,
  });
  const run = `t${randomBytes(4).toString('hex')}`;
  const labels = { 'shorefast-test.run': run };
  const signal = AbortSignal.timeout(deadlineMs);
  const imageId = (await findImageId(real.host, testImages.web1)) ?? '';
  const name = (part: string) => `${run}-${part}`;
  const runStep = (step: Parameters<typeof buildStep>[0]) => engine.run(buildStep(step), signal);
  return {
    engine,
    real,
    signal,
    labels,
    name,
    run: runStep,
    create: async (part, spec = {}) => {
      const container = buildContainer(name(part), spec, { imageId, labels });
      await runStep({ kind: 'create-container', container });
      return container;
    },
    find: async (part) =>
      (await engine.observe(signal)).containers.find((container) => container.name === name(part)),
    ask: (path) => askEngine(real.host, 'GET', path),
    cleanUp: async () => {
      engine.close();
      await removeMarked(real.host, `shorefast-test.run=${run}`);
    },
  };
}

async function removeMarked(host: string, label: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const containers = await askEngine<{ Id: string }[]>(
    host,
    'GET',
    `/containers/json?all=1&filters=${filters}`,
  );
  for (const { Id } of containers) await requestEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`);
  const networks = await askEngine<{ Id: string }[]>(host, 'GET', `/networks?filters=${filters}`);
  for (const { Id } of networks) await requestEngine(host, 'DELETE', `/networks/${Id}`);
  const volumes = await askEngine<{ Volumes: { Name: string }[] | null }>(
    host,
    'GET',
    `/volumes?filters=${filters}`,
  );
  for (const { Name } of volumes.Volumes ?? []) await requestEngine(host, 'DELETE', `/volumes/${Name}`);
}
