import type { EventView, EvidenceView, PastCycleSummaryView, PastCycleView } from '#contract/history.ts';
import type { StepView } from '#contract/status.ts';
import type { ServiceDiff } from '#domain/history-diff.ts';
import { formatFacts, formatTable } from './format-table.ts';
import { shortenHashes, toPrintable } from './printable.ts';

export function formatCycles(cycles: readonly PastCycleSummaryView[], isWide: boolean): string {
  const header = [
    'ID',
    'TIME',
    'REVISION',
    'TRIGGER',
    'RESULT',
    'STEPS',
    ...(isWide ? ['AGAIN', 'LAST'] : []),
  ];
  const rows = cycles.map((cycle) => [
    String(cycle.id),
    cycle.startedAt,
    isWide ? cycle.revision : shortenHashes(cycle.revision),
    cycle.trigger,
    cycle.result,
    cycle.failedCount === 0 ? String(cycle.stepCount) : `${cycle.stepCount} (${cycle.failedCount} failed)`,
    ...(isWide ? [cycle.repeats === 0 ? '' : `${cycle.repeats}×`, cycle.lastAt] : []),
    cycle.message ?? '',
  ]);
  return formatTable([...header, 'MESSAGE'], rows);
}

export function formatPastCycle(cycle: PastCycleView, isWide: boolean): string {
  const generations = Object.entries(cycle.generations).map(([service, each]) => `${service} ${each}`);
  const facts = formatFacts([
    ['Cycle', String(cycle.id)],
    ['Stack', cycle.stack],
    ['Revision', isWide ? cycle.revision : shortenHashes(cycle.revision)],
    ['Result', `${cycle.result}, ${cycle.startedAt}, by ${cycle.trigger}, in ${cycle.durationMs} ms`],
    ...(cycle.repeats === 0 ? [] : [['Again', `${cycle.repeats}×, last ${cycle.lastAt}`] as const]),
    ['Generations', generations.join(', ')],
  ]);
  return [
    facts,
    ...section('Steps', cycle.steps.flatMap(formatStep)),
    ...section('Pending', cycle.pending),
    ...cycle.evidence.flatMap((each) => section(`${each.container} failed`, formatEvidence(each))),
  ].join('\n\n');
}

function formatStep({ kind, target, cause, result, durationMs, error }: StepView): readonly string[] {
  const line = `${result ?? ''}  ${kind} ${target}: ${cause.message} (${durationMs ?? 0} ms)`;
  return error === undefined ? [line] : [line, `  ${error.code}: ${error.message}`];
}

function formatEvidence(evidence: EvidenceView): readonly string[] {
  const { at, reason, exitCode, oomKilled, probeOutput, logLines } = evidence;
  return [
    `${at}: ${reason}`,
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}${oomKilled ? ', out of memory' : ''}`]),
    ...(probeOutput === undefined ? [] : [`last probe: ${probeOutput}`]),
    ...logLines.map((line) => `| ${line}`),
  ];
}

export function formatEvents(events: readonly EventView[]): string {
  const rows = events.map((event) => [
    event.at,
    event.kind,
    formatPlace(event),
    shortenHashes(event.revision ?? ''),
    formatMessage(event),
  ]);
  return formatTable(['TIME', 'EVENT', 'STACK', 'REVISION', 'MESSAGE'], rows);
}

/** For a list that has no end: no column can wait for what is still to come. */
export function formatEventLine(event: EventView): string {
  const parts = [event.at, event.kind.padEnd(16), formatPlace(event), formatMessage(event)];
  return toPrintable(
    parts
      .filter((part) => part !== '')
      .join('  ')
      .replaceAll('\n', ' '),
  );
}

function formatPlace({ stack = '', service }: EventView): string {
  return service === undefined ? stack : `${stack}/${service}`;
}

function formatMessage({ code, message }: EventView): string {
  return code === undefined ? message : `${code}: ${message}`;
}

export function formatDiff(services: readonly ServiceDiff[]): string {
  return services
    .filter(({ kind }) => kind !== 'same')
    .flatMap(({ service, kind, from, to, changes }) => [
      `${service}: ${kind}: ${shortenHashes(`${from ?? '(none)'} → ${to ?? '(none)'}`)}`,
      ...changes.map((change) => `  ${change.path}: ${shortenHashes(`${change.from} → ${change.to}`)}`),
    ])
    .map((line) => toPrintable(line))
    .join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return [[`${title}:`, ...lines.map((line) => `  ${toPrintable(line)}`)].join('\n')];
}
