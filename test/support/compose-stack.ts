// Stacks of a project as the reader hands it on, without files.
import type { DesiredStack } from '#domain/desired.ts';
import type { Problem } from '#domain/problem.ts';
import type { ComposeProject, ComposeService } from '#manifest/compose/project/compose-project.ts';
import type { StackInput } from '#manifest/compose/stack/stack-input.ts';
import { toStack } from '#manifest/compose/stack/to-stack.ts';
import { createPlaceFrom } from '#manifest/place.ts';
import { defaultRollout } from '#manifest/resolve-rollout.ts';
import { openPolicy } from './manifest-input.ts';

export type MadeStack = {
  readonly stack: DesiredStack;
  /** `error services.a.privileged` */
  readonly problems: readonly string[];
  readonly messages: readonly string[];
};

type Services = Readonly<Record<string, Partial<ComposeService>>>;

export async function makeStack(
  services: Services,
  rest: Partial<Omit<ComposeProject, 'services'>> = {},
  input: Partial<StackInput> = {},
): Promise<MadeStack> {
  const problems: Problem[] = [];
  const full = Object.entries(services).map(([name, service]) => [
    name,
    { command: null, entrypoint: null, image: 'web:1', networks: { default: null }, ...service },
  ]);
  const project: ComposeProject = {
    name: 'shop',
    services: Object.fromEntries(full) as ComposeProject['services'],
    networks: { default: { name: 'shop_default', ipam: {} } },
    ...rest,
  };
  const document = { file: 'compose.yaml', value: project, locate: () => undefined };
  const place = createPlaceFrom([], problems, (path) => ({ document, path }));
  const stack = await toStack(
    { project, values: new Map(), inactive: new Map(), place },
    {
      app: 'shop',
      stage: undefined,
      drift: 'heal',
      rollout: defaultRollout,
      policy: openPolicy,
      shared: undefined,
      deliver: { files: async () => [], build: async () => undefined, readText: async () => undefined },
      ...input,
    },
  );
  return {
    stack,
    problems: problems.map(({ severity, path }) => `${severity} ${path}`),
    messages: problems.map(({ message }) => message),
  };
}
