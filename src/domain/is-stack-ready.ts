import { isOverrideBlock } from './lay-overrides.ts';
import type { CycleReport } from './outcome.ts';

/**
 * Whether all services of a stack are as declared and do their work. What a replaced container still waits for, and
 * what is left to remove, matters to nobody else; nor does it that people have rolled a service back. Of a suspended
 * stack nobody can say whether it is as declared: it is if it `wasReady` with this very declaration.
 */
export function isStackReady(
  { failure, manifestFault, plan, services }: CycleReport,
  wasReady: boolean,
): boolean {
  if (plan.blocks.some(({ reason }) => reason === 'Suspended') && !wasReady) return false;
  if (failure !== undefined || manifestFault !== undefined) return false;
  const isOfServices = ({ lane }: { readonly lane: string }) => /^(service|hook|stack|image):/.test(lane);
  const steps = plan.steps.filter(isOfServices).filter(({ cause }) => cause.reason !== 'Superseded');
  const waits = plan.waits.filter(isOfServices).filter(({ reason }) => reason !== 'Draining');
  const blocks = plan.blocks.filter(isOfServices).filter((block) => !isOverrideBlock(block));
  if (steps.length + waits.length + blocks.length > 0) return false;
  return services.every(({ readyReplicas, wantedReplicas }) => readyReplicas === wantedReplicas);
}
