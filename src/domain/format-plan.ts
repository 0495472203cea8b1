import type { Difference, Finding, Plan, Step } from './plan.ts';

/** What a step acts on, in words: `container web-1`, `image nginx:1.27`. */
export function describeTarget(step: Step): string {
  switch (step.kind) {
    case 'create-network':
      return `network ${step.network.name}`;
    case 'remove-network':
      return `network ${step.name}`;
    case 'create-volume':
      return `volume ${step.volume.name}`;
    case 'pull-image':
    case 'build-image':
      return `image ${step.image}`;
    case 'create-container':
      return `container ${step.container.name}`;
    case 'rename-container':
      return `container ${step.target.name} to ${step.newName}`;
    case 'set-restart-policy':
      return `container ${step.target.name} to ${step.policy.name}`;
    case 'connect-network':
      return `container ${step.target.name} to ${step.attachment.network}`;
    case 'disconnect-network':
      return `container ${step.target.name} from ${step.network}`;
    case 'copy-files':
    case 'update-resources':
    case 'start-container':
    case 'stop-container':
    case 'unpause-container':
    case 'remove-container':
      return `container ${step.target.name}`;
  }
}

/** One line: `create-container container web-1: declared, but missing`. */
export function formatStep(step: Step): string {
  const after = step.after === undefined ? '' : ` [after ${step.after}]`;
  const order = step.kind === 'create-container' && step.cause.order ? ` (${step.cause.order})` : '';
  return `${step.kind} ${describeTarget(step)}: ${step.cause.message}${order}${after}`;
}

export function formatFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'failed':
      return `hold: generation ${finding.hold.generation} of ${finding.hold.service}: ${finding.hold.message}`;
    case 'equal':
      return formatEqual(finding);
    case 'hook-done':
      return `done: the ${finding.hook} hook`;
    case 'hook-failed':
      return `hold: ${finding.message}`;
  }
}

function formatEqual({ container, generation, mistaken }: Extract<Finding, { kind: 'equal' }>): string {
  const fault = mistaken.length === 0 ? '' : `, although we took ${mistaken.join(', ')} for different`;
  return `keep: container ${container.name}: the engine shows no difference to generation ${generation}${fault}`;
}

/** `container web-1: mem_limit: 1024 → 0 (resource)`; what the path says already is not said again. */
export function formatDifference({ object, path, field, wanted, found }: Difference): string {
  const what = path.startsWith(field) ? '' : ` (${field})`;
  return `${object}: ${path}: ${wanted} → ${found}${what}`;
}

/** One line a step, then what is waited for, then what is blocked. Equal plans print equally. */
export function formatPlan(plan: Plan): readonly string[] {
  return [
    ...plan.findings.map(formatFinding),
    ...plan.steps.map(formatStep),
    ...plan.waits.map((wait) => `wait: ${wait.message}`),
    ...plan.blocks.map((block) => `blocked: ${block.message} (${block.unblock})`),
    ...plan.differences
      .filter((difference) => difference.drift)
      .map((difference) => `drift: ${formatDifference(difference)}`),
  ];
}
