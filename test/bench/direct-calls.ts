// What the program asks an engine for, asked directly: the other side of a ratio.
import { Agent } from 'node:http';
import PQueue from 'p-queue';
import { toCreateRequest } from '#adapters/docker/container-config.ts';
import { createDockerEngine } from '#adapters/docker/docker-engine.ts';
import { toNetworkBody } from '#adapters/docker/network-config.ts';
import { judgePruning } from '#domain/judge-pruning.ts';
import type { Plan } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import type { Engine } from '#ports/engine.ts';
import { freely } from '#test/support/apply-plan.ts';
import { aContext } from '#test/support/builders.ts';
import { requestEngine } from '#test/support/engine-request.ts';
import { loadState, openPolicy } from '#test/support/manifest-input.ts';

export type DirectCalls = Disposable & {
  /** Of the containers. */
  readonly names: readonly string[];
  makeNetworks(): Promise<void>;
  /** Creates and starts one. */
  makeContainer(name: string): Promise<void>;
  /** Creates and starts all of them, so many beside each other. */
  makeContainers(concurrency: number): Promise<void>;
};

/** The calls that the program would make for this Compose file on this engine, with their very bodies. */
export async function readDirectCalls(
  host: string,
  stack: { readonly name: string; readonly compose: string; readonly owner: string },
): Promise<DirectCalls> {
  const { plan, apiVersion } = await planBare(host, stack);
  const agent = new Agent({ keepAlive: true });
  const post = async (path: string, json?: object): Promise<void> => {
    const { status, body } = await requestEngine(host, 'POST', `/v${apiVersion}${path}`, { json, agent });
    if (status >= 300) throw new Error(`${path}: ${status} ${body}`);
  };
  const containers = plan.steps.flatMap((step) => (step.kind === 'create-container' ? step.container : []));
  const requests = new Map(containers.map((each) => [each.name, toCreateRequest(each, apiVersion)]));
  const names = [...requests.keys()];

  async function makeContainer(name: string): Promise<void> {
    const { query = {}, body = {} } = requests.get(name) ?? {};
    await post(`/containers/create?${new URLSearchParams(query)}`, body);
    await post(`/containers/${name}/start`);
  }
  return {
    names,
    async makeNetworks() {
      for (const step of plan.steps) {
        if (step.kind !== 'create-network') continue;
        await post('/networks/create', toNetworkBody(step.network, step.labels, apiVersion));
      }
    },
    makeContainer,
    async makeContainers(concurrency) {
      await new PQueue({ concurrency }).addAll(names.map((name) => () => makeContainer(name)));
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** As for a host on which nothing of the stack is there yet. */
async function planBare(
  host: string,
  { name, compose, owner }: { readonly name: string; readonly compose: string; readonly owner: string },
): Promise<{ readonly plan: Plan; readonly apiVersion: string }> {
  const { apps } = await loadState({ [`apps/${name}/compose.yaml`]: compose }, openPolicy);
  const stack = apps[0]?.stacks[0];
  if (stack === undefined) throw new Error(`nothing is declared: ${JSON.stringify(apps)}`);
  const engine = openBareEngine(host);
  try {
    const signal = AbortSignal.timeout(60_000);
    const { apiVersion, multiEndpointCreate } = await engine.info(signal);
    const observed = await engine.observe(signal);
    const prune = judgePruning(apps, observed, owner, { limits: freely, approvedIds: new Set() });
    const context = aContext({ owner, prune, multiEndpointCreate, apiVersion });
    return { plan: planStack(stack.name, stack, observed, context), apiVersion };
  } finally {
    engine.close();
  }
}

/** Our adapter, with neither registries nor builds; `onRequest` is told of every call. */
export function openBareEngine(host: string, onRequest: () => void = () => undefined): Engine {
  return createDockerEngine({
    host,
    registryCredentials: async () => undefined,
    buildContexts: { open: () => Promise.reject(new Error('nothing is built here')) },
    timeouts: { callMs: 60_000, pullMs: 60_000, buildMs: 60_000, stopMarginMs: 15_000 },
    onRequest,
  });
}
