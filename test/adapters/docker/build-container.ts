import type { ContainerSpec, NetworkAttachment } from '#domain/container-spec.ts';
import type { ContainerToCreate, Step } from '#domain/plan.ts';

const emptySpec: ContainerSpec = {
  image: 'example/app:1',
  command: null,
  entrypoint: null,
  environment: {},
  labels: {},
  capAdd: [],
  capDrop: [],
  expose: [],
  ports: [],
  mounts: [],
  restart: { name: 'no', maxRetries: 0 },
  resources: {},
  networks: [],
};

/** A container of which a test says only what matters to it. */
export function buildContainer(
  name: string,
  spec: Partial<ContainerSpec> = {},
  rest: Partial<Omit<ContainerToCreate, 'spec'>> = {},
): ContainerToCreate {
  return {
    name,
    spec: { ...emptySpec, ...spec },
    imageId: 'sha256:0',
    labels: {},
    attachments: [],
    networkMode: rest.attachments?.[0]?.network ?? 'default',
    ...rest,
  };
}

export function buildAttachment(network: string, rest: Partial<NetworkAttachment> = {}): NetworkAttachment {
  return { network, aliases: [], priority: 0, ...rest };
}

export type StepToBuild = Step extends infer S
  ? S extends Step
    ? Omit<S, 'lane' | 'cause' | 'after'>
    : never
  : never;

export function buildStep(step: StepToBuild): Step {
  return { ...step, lane: 'test', cause: { reason: 'Missing', message: 'test' } } as Step;
}
