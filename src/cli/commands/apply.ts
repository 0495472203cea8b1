import { type Command, InvalidArgumentError } from 'commander';
import type { ApplyView } from '#contract/plan-view.ts';
import type { RouteView } from '#contract/routes.ts';
import { describeTarget, formatPlan } from '#domain/format-plan.ts';
import type { CycleReport } from '#domain/outcome.ts';
import { hasErrors } from '#domain/problem.ts';
import { describeRouteStep } from '#domain/routes/describe-route-step.ts';
import type { ApplyProgress, ApplyResult } from '../cli-actions.ts';
import { type CliIo, type Glyph, writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { writeKept } from '../format-kept.ts';
import { writeProblems } from '../format-problems.ts';
import { formatTable } from '../format-table.ts';
import { shortenHashes } from '../printable.ts';
import { addSettingsOptions, toSettingsOptions } from '../settings-options.ts';
import { toOutcomeView } from '../to-plan-view.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

export function addApplyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .description('make this host equal to the state repo once, and end')
    .option('--approve-prune <token>', 'let the removals go that a plan named by this token')
    .option('--timeout <seconds>', 'give up after this long', parseSeconds, 300);
  addOutputOption(addSettingsOptions(command)).action((options) => apply(context, options));
}

type Options = Parameters<typeof toSettingsOptions>[0] & {
  readonly output: OutputFormat;
  readonly timeout: number;
  readonly approvePrune?: string;
};

async function apply({ actions, io, exitWith }: CommandContext, options: Options): Promise<void> {
  const { approvePrune } = options;
  const applyOptions = {
    ...toSettingsOptions(options),
    timeoutMs: options.timeout * 1000,
    ...(approvePrune !== undefined && { approvePrune }),
  };
  const result = await actions.apply(applyOptions, (progress) => writeProgress(io, progress));
  await writeView(io, options.output, {
    value: toView(result),
    table: () => formatReports(result),
    names: result.reports.map((report) => report.stack),
  });
  writeProblems(io, result.problems);
  if (result.proxyFailure !== undefined) writeNote(io, '✗', `routes: ${result.proxyFailure.message}`);
  for (const { entries, state, message } of openRoutes(result)) {
    writeNote(io, '✗', `route ${entries.join(',')}: ${state}: ${message}`);
  }
  if (result.timedOut) writeNote(io, '✗', `not done after ${options.timeout} s`);
  exitWith(exitCodeOfApply(result));
}

/** The gravest that is true. */
function exitCodeOfApply(result: ApplyResult): ExitCode {
  const { reports, problems, timedOut } = result;
  if (hasErrors(problems)) return exitCodes.failed;
  const open = reports.filter((report) => report.result !== 'converged');
  const reasons = open.flatMap((report) => report.plan.blocks.map((block) => block.reason));
  const routes = openRoutes(result);
  if (reasons.includes('Conflict') || routes.some(({ state }) => state === 'conflict')) {
    return exitCodes.conflict;
  }
  const isGuarded = (report: CycleReport) =>
    ['held', 'suspended'].includes(report.result) ||
    report.plan.blocks.some((block) => block.reason === 'PruneNeedsApproval');
  if (open.length > 0 && open.every(isGuarded)) return exitCodes.blocked;
  if (timedOut) return exitCodes.timeout;
  const isOpen = open.length > 0 || routes.length > 0 || result.proxyFailure !== undefined;
  return isOpen ? exitCodes.failed : exitCodes.ok;
}

function areRoutesReady(result: ApplyResult): boolean {
  return openRoutes(result).length === 0 && result.proxyFailure === undefined;
}

/** Those that are not as declared. */
function openRoutes({ routes = [] }: ApplyResult): readonly RouteView[] {
  return routes.filter(({ state }) => state !== 'ready' && state !== 'disabled');
}

function writeProgress(io: CliIo, progress: ApplyProgress): void {
  if (progress.kind === 'fetched') {
    writeNote(io, '►', `applying ${shortenHashes(progress.revision)}`);
    writeKept(io, progress.kept);
    return;
  }
  if (progress.kind === 'route-step') {
    const { step, result, failure } = progress.outcome;
    const text = `routes: ${describeRouteStep(step)}`;
    writeNote(io, result === 'done' ? '✔' : '✗', failure ? `${text}: ${failure.message}` : text);
    return;
  }
  const { stack, outcomes } = progress.report;
  for (const { step, result, failure } of outcomes) {
    const text = `${stack}: ${step.kind} ${describeTarget(step)}`;
    writeNote(io, result === 'done' ? '✔' : '✗', failure ? `${text}: ${failure.message}` : text);
  }
  writeNote(io, glyphOf(progress.report), `${stack}: ${progress.report.result}${explain(progress.report)}`);
}

function glyphOf({ result }: CycleReport): Glyph {
  if (result === 'converged') return '✔';
  return result === 'waiting' || result === 'retrying' ? '◎' : '✗';
}

function explain({ failure, plan }: CycleReport): string {
  const [block] = plan.blocks;
  const blocked = block === undefined ? undefined : `${block.message} (${block.unblock})`;
  const message = failure?.message ?? blocked ?? plan.waits[0]?.message;
  return message === undefined ? '' : `: ${message}`;
}

function formatReports({ reports, revision }: ApplyResult): string {
  const rows = reports.map((report) => [
    report.stack,
    shortenHashes(revision),
    report.result === 'converged' ? 'True' : 'False',
    `${report.result}${explain(report)}`,
  ]);
  return formatTable(['NAME', 'REVISION', 'READY', 'MESSAGE'], rows);
}

function toView(result: ApplyResult): ApplyView {
  const { revision, reports, routes, problems } = result;
  const areConverged = reports.every((report) => report.result === 'converged');
  return {
    revision,
    converged: !hasErrors(problems) && areConverged && areRoutesReady(result),
    ...(routes !== undefined && { routes }),
    stacks: reports.map(({ stack, result, outcomes, plan, failure }) => ({
      name: stack,
      result,
      steps: outcomes.map(toOutcomeView),
      pending: formatPlan(plan),
      ...(failure !== undefined && { error: { code: failure.code, message: failure.message } }),
    })),
    problems,
  };
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 86_400)) throw new InvalidArgumentError('it must be 1 to 86400 seconds');
  return seconds;
}
