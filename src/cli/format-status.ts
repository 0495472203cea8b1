import type { OverrideView } from '#contract/overrides.ts';
import type { StackSummaryView, StackView, StatusView } from '#contract/status.ts';
import { formatDifference } from '#domain/format-plan.ts';
import { formatFacts, formatTable } from './format-table.ts';
import { shortenHashes, toPrintable } from './printable.ts';

export function formatStacks(stacks: readonly StackSummaryView[], isWide: boolean): string {
  const header = ['NAME', 'REVISION', 'READY', ...(isWide ? wideHeader : []), 'MESSAGE'];
  const rows = stacks.map((stack) => [
    stack.name,
    shortenHashes(stack.revision),
    stack.ready.status,
    ...(isWide ? [stack.app, stack.stage ?? '', stack.result, stack.health, String(stack.drifted)] : []),
    stack.ready.message,
  ]);
  return formatTable(header, rows);
}

const wideHeader = ['APP', 'STAGE', 'RESULT', 'HEALTH', 'DRIFT'];

export function formatStack(stack: StackView, isWide: boolean): string {
  const { ready, lastCycle } = stack;
  const facts = formatFacts([
    ['Name', stack.name],
    ['App', stack.stage === undefined ? stack.app : `${stack.app} (${stack.stage})`],
    ['Revision', isWide ? stack.revision : shortenHashes(stack.revision)],
    ['Ready', `${ready.status} (${ready.reason}): ${ready.message}`],
    ['Health', stack.health],
    ['Last cycle', `${stack.result}, ${lastCycle.startedAt}, by ${lastCycle.trigger}`],
    ...(ready.retryAt === undefined ? [] : [['Next try', ready.retryAt] as const]),
    ...(ready.unblock === undefined ? [] : [['To unblock', ready.unblock] as const]),
  ]);
  const services = formatTable(
    ['SERVICE', 'IMAGE', 'REPLICAS', 'HEALTH', ...(isWide ? ['CONTAINERS'] : [])],
    stack.services.map((service) => [
      service.name,
      shortenHashes(service.image),
      `${service.readyReplicas}/${service.wantedReplicas}`,
      service.health,
      ...(isWide ? [service.containers.map(({ name, state }) => `${name} (${state})`).join(', ')] : []),
    ]),
  );
  return [
    facts,
    services,
    ...section('Laid over Git', stack.overrides.map(formatOverride)),
    ...section('Drift', stack.drift.map(formatDifference)),
    ...section('Pending', lastCycle.pending),
  ].join('\n\n');
}

function formatOverride({ kind, service, reason, since, until, generation, image }: OverrideView): string {
  const what = service === undefined ? kind : `${service}: ${kind}`;
  const goal = generation === undefined ? '' : ` to ${generation} (${image ?? ''})`;
  const end = until === undefined ? '' : ` until ${until}`;
  return `${what}${goal} since ${since}${end}${reason === '' ? '' : `: ${reason}`}`;
}

/** What is wrong beside the stacks: the source, the engine, apps that cannot be read. */
export function listTroubles(status: StatusView): readonly string[] {
  const { source, engine, invalidApps } = status;
  return [
    ...source.conditions
      .filter((condition) => condition.type === 'Ready' && condition.status !== 'True')
      .map((condition) => `source ${source.url}: ${condition.message}`),
    ...(engine.reachable ? [] : [`engine: ${engine.message ?? 'it does not answer'}`]),
    ...invalidApps.flatMap(({ app, problems }) => problems.map((problem) => `app ${app}: ${problem}`)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0
    ? []
    : [[`${title}:`, ...lines.map((line) => `  ${toPrintable(line)}`)].join('\n')];
}
