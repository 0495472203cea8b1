import type { CycleReport } from './outcome.ts';

/**
 * Whether all services of a stack are as declared and do their work. What a replaced container still waits for, and
 * what is left to remove, matters to nobody else.
 */
export function isStackReady({ failure, manifestFault, plan, services }: CycleReport): boolean {
  if (failure !== undefined || manifestFault !== undefined) return false;
  const isOfServices = ({ lane }: { readonly lane: string }) => /^(service|hook|stack|image):/.test(lane);
  const steps = plan.steps.filter(isOfServices).filter(({ cause }) => cause.reason !== 'Superseded');
  const waits = plan.waits.filter(isOfServices).filter(({ reason }) => reason !== 'Draining');
  if (steps.length + waits.length + plan.blocks.filter(isOfServices).length > 0) return false;
  return services.every(({ readyReplicas, wantedReplicas }) => readyReplicas === wantedReplicas);
}
