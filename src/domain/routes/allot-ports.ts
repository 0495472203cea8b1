import type { DesiredService, DesiredStack } from '../desired.ts';
import { allottedLabel } from '../labels.ts';
import type { ObservedHost } from '../observed.ts';
import { toSetToken } from '../set-token.ts';
import { parseAllotted } from './allotted-ports.ts';

const lowest = 10_000;
const highest = 60_000;
/** Above it, engines and kernels choose ports of their own for what connects outwards. */
const lastStart = 32_767;

/** Numbers by name, for a new container of every replica: by `<service>/<number>`. */
export type Allotment = ReadonlyMap<string, Readonly<Record<string, number>>>;

/**
 * Which ports new containers get: a number that follows from what they are, so that equal plans have equal
 * numbers and a container that is made again gets the one it had, or the next that nobody has. A new version has
 * another one, so that it can run beside the old.
 */
export function allotPorts(stack: DesiredStack, { containers }: ObservedHost): Allotment {
  const allotment = new Map<string, Readonly<Record<string, number>>>();
  if (!stack.services.some(({ spec }) => spec.allotted !== undefined)) return allotment;
  const used = new Set([
    ...containers.flatMap(({ publishedPorts }) => publishedPorts.map(({ hostPort }) => hostPort)),
    // One that is stopped may be started again.
    ...containers.flatMap(({ labels }) => Object.values(parseAllotted(labels[allottedLabel]))),
    ...stack.services.flatMap(({ spec }) => spec.ports.map(({ hostPort }) => Number(hostPort))),
  ]);
  for (const service of stack.services) {
    for (const index of service.containerNames.keys()) {
      const replica = `${service.name}/${index + 1}`;
      allotment.set(replica, allotForReplica(service, `${stack.name}/${replica}`, used));
    }
  }
  return allotment;
}

/** What is given is used from then on. */
function allotForReplica(
  { spec, generation }: DesiredService,
  replica: string,
  used: Set<number>,
): Readonly<Record<string, number>> {
  const numbers = (spec.allotted ?? []).flatMap(({ name }) => {
    const port = findFree(`${replica}/${name}/${generation}`, used);
    if (port === undefined) return [];
    used.add(port);
    return [[name, port] as const];
  });
  return Object.fromEntries(numbers);
}

/** Undefined when all are used: then the engine chooses. */
function findFree(seed: string, used: ReadonlySet<number>): number | undefined {
  const start = lowest + (Number.parseInt(toSetToken([seed]), 16) % (lastStart - lowest + 1));
  const count = highest - lowest + 1;
  for (let offset = 0; offset < count; offset += 1) {
    const port = lowest + ((start - lowest + offset) % count);
    if (!used.has(port)) return port;
  }
  return undefined;
}
