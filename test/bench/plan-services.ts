// Planning 10,000 services, nothing but the pure decision: as they are declared for the first time, and when all of
// them run as declared. A process of its own shows the most that it ever held.
import type { DesiredStack } from '#domain/desired.ts';
import type { ObservedContainer, ObservedHost, ObservedNetwork } from '#domain/observed.ts';
import { type ContainerToCreate, isEmpty, type Plan } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toStackNames } from '#domain/stack-names.ts';
import { aContext, aNetwork, anApp, aService, aStack } from '#test/support/builders.ts';
import { median } from './alternate.ts';
import type { BenchOptions, Figure } from './figure.ts';

const serviceCount = 10_000;
const goalMs = 1000;
const goalMb = 300;
const imageCount = 200;
const bareHost: ObservedHost = {
  containers: [],
  networks: [],
  volumes: [],
  images: Array.from({ length: imageCount }, (_, index) => ({
    id: toImageId(index),
    tags: [toImageName(index)],
    digests: [],
  })),
};

function toImageName(index: number): string {
  return `registry.example.com/shop/web-${index % imageCount}:1`;
}

function toImageId(index: number): string {
  return `sha256:${String(index % imageCount).padStart(64, '0')}`;
}

/** So many stacks that have the services among them, each with a network of its own. */
function declare(stackCount: number): readonly DesiredStack[] {
  return Array.from({ length: stackCount }, (_, index) => {
    const name = `shop-${index}`;
    const network = `${name}_default`;
    // No two services have one host port, though there are not that many.
    const base = 1 + (index * serviceCount) / stackCount;
    const services = Array.from({ length: serviceCount / stackCount }, (__, number) =>
      aService({
        name: `web-${number}`,
        stack: name,
        spec: {
          image: toImageName(index + number),
          environment: { STACK: name, NUMBER: String(number), LOG_LEVEL: 'info' },
          labels: { 'com.example.team': 'shop' },
          ports: [{ hostIp: '', hostPort: String(base + number), containerPort: 80, protocol: 'tcp' }],
          mounts: [{ kind: 'volume', name: `${name}-${number}`, target: '/data', readOnly: false }],
          networks: [{ network, aliases: [`web-${number}`], priority: 0 }],
        },
      }),
    );
    return aStack({ name, app: name, networks: [aNetwork({ name: network })], services });
  });
}

/** The host as it is when everything planned has been done. */
function carryOut(plans: readonly Plan[]): ObservedHost {
  const steps = plans.flatMap((plan) => plan.steps);
  const networks = steps.flatMap((step): ObservedNetwork[] =>
    step.kind === 'create-network' ? [toNetwork(step.network.name, step.labels)] : [],
  );
  const containers = steps.flatMap((step) =>
    step.kind === 'create-container' ? [toRunning(step.container)] : [],
  );
  return { ...bareHost, networks, containers };
}

function toNetwork(name: string, labels: ObservedNetwork['labels']): ObservedNetwork {
  const kind = { driver: 'bridge', internal: false, attachable: false, enableIpv6: false };
  return { id: `id-of-${name}`, name, ...kind, options: {}, ipamDriver: 'default', pools: [], labels };
}

function toRunning({ name, imageId, labels, spec, attachments }: ContainerToCreate): ObservedContainer {
  return {
    id: `id-of-${name}`,
    name,
    labels,
    imageId,
    state: 'running',
    networkMode: attachments[0]?.network ?? 'none',
    networks: attachments.map(({ network }) => ({ network, networkId: `id-of-${network}` })),
    publishedPorts: spec.ports.map(({ hostPort, protocol }) => ({
      hostIp: '',
      hostPort: Number(hostPort),
      protocol,
    })),
    volumeNames: spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? (mount.name ?? []) : [])),
    details: {
      startedAtMs: 1,
      finishedAtMs: 0,
      restartCount: 0,
      restartPolicy: spec.restart,
      oomKilled: false,
      error: '',
      healthOutput: '',
      spec: { ...spec, environment: { ...spec.environment }, networks: attachments },
    },
  };
}

/** Objects of its own for every look: nothing that was found out about the one before is of use. */
function asFirstSeen(observed: ObservedHost): ObservedHost {
  const containers = observed.containers.map((container) => ({
    ...container,
    ...(container.details !== undefined && { details: { ...container.details } }),
  }));
  return { ...observed, containers };
}

function planAll(stacks: readonly DesiredStack[], observed: ObservedHost): readonly Plan[] {
  const declaredStacks = toStackNames([anApp(stacks)]);
  const context = aContext({ declaredStacks });
  return stacks.map((stack) => planStack(stack.name, stack, observed, context));
}

/** In processor time, collecting garbage included: what passes by the clock depends on what else the machine does. */
function measureStacks(stackCount: number, rounds: number): readonly Figure[] {
  const stacks = declare(stackCount);
  let plans: readonly Plan[] = [];
  const timePlan = (host: () => ObservedHost): number => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const observed = host();
      const before = process.cpuUsage();
      plans = planAll(stacks, observed);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
    }
    return median(times);
  };

  const firstMs = timePlan(() => ({ ...bareHost }));
  const created = plans.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'create-container');
  if (created.length !== serviceCount) throw new Error(`${created.length} services were planned`);
  const networksOnly = { ...bareHost, networks: carryOut(plans).networks };
  plans = planAll(stacks, networksOnly);
  const running = carryOut(plans);
  const converged = { ...running, networks: networksOnly.networks };
  const unchangedMs = timePlan(() => asFirstSeen(converged));
  const unfinished = plans.find((plan) => !isEmpty(plan));
  if (unfinished !== undefined) throw new Error(`not in sync: ${JSON.stringify(unfinished)}`);

  const what = `${serviceCount} services in ${stackCount} stack${stackCount === 1 ? '' : 's'}`;
  const figure = { unit: 'ms', bound: goalMs };
  return [
    { what: `planning ${what}, none there yet`, value: firstMs, ...figure },
    { what: `planning ${what}, all as declared`, value: unchangedMs, ...figure },
  ];
}

export async function measure({ quick }: BenchOptions): Promise<readonly Figure[]> {
  const rounds = quick ? 1 : 5;
  const many = measureStacks(1000, rounds);
  const one = measureStacks(1, rounds);
  const limitedBy =
    'the process itself (Node, 40 MB of which to run TypeScript) and the 10,000 inspected containers';
  return [
    ...many,
    ...one,
    {
      what: 'most memory held by the process meanwhile (resident)',
      value: process.resourceUsage().maxRSS / 1024,
      unit: 'MB',
      bound: goalMb,
      limitedBy,
    },
  ];
}
