// One declared stack on the real engine, and what a human would do to it behind our back.
import type { DesiredStack } from '#domain/desired.ts';
import type { ShownEqual } from '#domain/equality.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { type Plan, runnableSteps } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import { aContext } from '#test/support/builders.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import type { EngineUnderTest } from './engine-under-test.ts';

export type Body = {
  Image: string;
  Labels: Record<string, string>;
  Env: string[];
  HostConfig: Record<string, unknown>;
  NetworkingConfig: { EndpointsConfig: Record<string, Record<string, unknown>> };
} & Record<string, unknown>;

export type LiveStack = {
  plan(stack: DesiredStack): Promise<Plan>;
  /** Runs what can be run until nothing is left. */
  apply(stack: DesiredStack): Promise<Plan>;
  act(method: 'POST' | 'DELETE', path: string, json?: unknown): Promise<void>;
  exec(container: string, command: readonly string[]): Promise<void>;
  /** What somebody would have to send to make the container as it is. */
  describe(container: string): Promise<Body>;
  /** Removes the container and makes it anew by other means than ours. */
  remake(container: string, body: Body): Promise<void>;
  clean(): Promise<void>;
};

export function openLiveStack(docker: EngineUnderTest, owner: string): LiveStack {
  const { engine, signal } = docker;
  const { host } = docker.real;
  const equalGenerations: Record<string, ShownEqual> = {};

  async function observe(): Promise<ObservedHost> {
    const observed = await engine.observe(signal);
    const containers = await Promise.all(
      observed.containers.map(async (container) => {
        if (container.labels['shorefast.owner'] !== owner) return container;
        const details = await engine.inspect(container.id, signal);
        return details === undefined ? container : { ...container, details };
      }),
    );
    return { ...observed, containers };
  }

  async function plan(stack: DesiredStack): Promise<Plan> {
    const { apiVersion, multiEndpointCreate } = await engine.info(signal);
    const context = aContext({
      owner,
      nowMs: Date.now(),
      apiVersion,
      multiEndpointCreate,
      appliedContentHash: stack.contentHash,
      equalGenerations,
    });
    return planStack(stack.name, stack, await observe(), context);
  }

  async function act(method: 'POST' | 'DELETE', path: string, json?: unknown): Promise<void> {
    const { status, body } = await requestEngine(host, method, path, json === undefined ? {} : { json });
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${body}`);
  }

  return {
    plan,
    act,
    async apply(stack) {
      for (let pass = 0; pass < 150; pass += 1) {
        const next = await plan(stack);
        for (const finding of next.findings) {
          if (finding.kind === 'equal') equalGenerations[finding.container.id] = finding;
        }
        const steps = next.findings.length > 0 ? [] : runnableSteps(next);
        if (next.findings.length + steps.length + next.waits.length === 0) return next;
        for (const step of steps) await engine.run(step, signal);
        if (steps.length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(
        `it does not converge: ${JSON.stringify(await plan(stack), undefined, 1).slice(0, 4000)}`,
      );
    },
    async exec(container, command) {
      const { Id } = await askEngine<{ Id: string }>(host, 'POST', `/containers/${container}/exec`, {
        Cmd: command,
        User: '0',
      });
      await act('POST', `/exec/${Id}/start`, { Detach: true });
    },
    async describe(container) {
      type Answer = {
        Id: string;
        Image: string;
        Config: Body;
        HostConfig: Record<string, unknown>;
        NetworkSettings: { Networks: Record<string, Record<string, unknown>> };
      };
      const found = await docker.ask<Answer>(`/containers/${container}/json`);
      const endpoints = Object.entries(found.NetworkSettings.Networks).map(([network, endpoint]) => {
        const { Aliases, IPAMConfig } = endpoint as { Aliases?: string[] | null; IPAMConfig?: unknown };
        // While it runs, the engine gives it these besides.
        const { Hostname, Domainname } = found.Config;
        const given = [found.Id.slice(0, 12), Hostname, `${Hostname}.${Domainname}`];
        const aliases = Aliases?.filter((alias) => !given.includes(alias)) ?? [];
        return [network, { Aliases: aliases, IPAMConfig }];
      });
      return {
        ...found.Config,
        Image: found.Image,
        HostConfig: found.HostConfig,
        NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
      };
    },
    async remake(container, body) {
      await act('DELETE', `/containers/${container}?force=1`);
      await act('POST', `/containers/create?name=${container}`, body);
      await act('POST', `/containers/${container}/start`);
    },
    async clean() {
      const filters = encodeURIComponent(JSON.stringify({ label: [`shorefast.owner=${owner}`] }));
      const containers = await docker.ask<{ Id: string }[]>(`/containers/json?all=1&filters=${filters}`);
      for (const { Id } of containers) await requestEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`);
      const networks = await docker.ask<{ Id: string }[]>(`/networks?filters=${filters}`);
      for (const { Id } of networks) await requestEngine(host, 'DELETE', `/networks/${Id}`);
      const { Volumes } = await docker.ask<{ Volumes: { Name: string }[] | null }>(
        `/volumes?filters=${filters}`,
      );
      for (const { Name } of Volumes ?? []) await requestEngine(host, 'DELETE', `/volumes/${Name}`);
    },
  };
}
