// What is told, and not done, about a project that Docker Compose started under the name of a stack.
import type { DesiredStack } from './desired.ts';
import { indexHost } from './host-index.ts';
import { composeLabels } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { Block } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { isOfProject, seeAdopted } from './see-adopted.ts';

/**
 * Without leave to take over, nothing of the stack is touched: a half of it beside the running one would fight
 * for its ports and its data. Undefined when there is nothing to take over.
 */
export function planAdoptable(
  stack: DesiredStack,
  observed: ObservedHost,
  { owner }: PlanContext,
): PlanPart | undefined {
  if (!indexHost(observed).hasProject(stack.name)) return undefined;
  const seen = seeAdopted(stack, observed, owner);
  const containers = seen.containers.filter(({ adoption }) => adoption !== undefined);
  const networks = countChanged(seen.networks, observed.networks);
  const volumes = countChanged(seen.volumes, observed.volumes);
  if (containers.length + networks + volumes === 0) return undefined;
  const counts = [
    countOf(containers.length, 'container'),
    countOf(networks, 'network'),
    countOf(volumes, 'volume'),
  ].filter((text) => text !== undefined);
  const message = [
    `Docker Compose project "${stack.name}" is here already: ${counts.join(', ')}`,
    ...containers.map(describe).toSorted(),
  ].join('; ');
  const unblock = 'set adopt: true in app.yaml to take it over, or remove it: docker compose down';
  const block: Block = { lane: `adopt:${stack.name}`, reason: 'Adoptable', message, unblock };
  return toPart({
    blocks: [block],
    differences: containers.flatMap(({ adoption }) => adoption?.differences ?? []),
  });
}

function describe({ name, adoption }: ObservedContainer): string {
  const differences = adoption?.differences;
  if (differences === undefined) return `${name} could not be inspected yet`;
  if (differences.length === 0) return `${name} would go on running as it is`;
  return `${name} would be replaced (${differences.map(({ path }) => path).join(', ')})`;
}

/** What is seen otherwise than it is, is to be taken over. */
function countChanged<T>(seen: readonly T[], observed: readonly T[]): number {
  return seen.filter((each, index) => each !== observed[index]).length;
}

function countOf(count: number, what: string): string | undefined {
  if (count === 0) return undefined;
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/**
 * Containers of a project that was taken over, and that the stack does not declare (any more). They are not
 * pruned: nothing on them says that they were ever ours.
 */
export function tellLeftBehind(stack: DesiredStack, seen: ObservedHost): PlanPart {
  if (stack.adopt !== true || stack.drift === 'off') return toPart({});
  const left = seen.containers.filter(
    ({ labels }) => isOfProject(labels, new Set([stack.name])) && labels[composeLabels.oneoff] === 'False',
  );
  return toPart({
    differences: left
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, state }) => ({
        object: `container ${name}`,
        kind: 'extra',
        field: 'state',
        path: 'state',
        wanted: `not declared, and Docker Compose started it (docker rm -f ${name})`,
        found: state,
        drift: true,
      })),
  });
}
