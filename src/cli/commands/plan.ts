import type { Command } from 'commander';
import type { PlanListView } from '#contract/plan-view.ts';
import { formatDifference, formatPlan } from '#domain/format-plan.ts';
import { isEmpty, type Plan } from '#domain/plan.ts';
import { hasErrors } from '#domain/problem.ts';
import type { PlanResult } from '../cli-actions.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeKept } from '../format-kept.ts';
import { countOf, countProblems, writeProblems } from '../format-problems.ts';
import { shortenHashes, toPrintable } from '../printable.ts';
import { addSettingsOptions, toSettingsOptions } from '../settings-options.ts';
import { toPlanView } from '../to-plan-view.ts';
import { formatRoutePlan, listRouteLines, toRoutePlanView } from '../to-route-plan-view.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

export function addPlanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .description('show what would be changed and why; exit code 1 when there is anything');
  addOutputOption(addSettingsOptions(command)).action((options) => plan(context, options));
}

type Options = Parameters<typeof toSettingsOptions>[0] & { readonly output: OutputFormat };

async function plan({ actions, io, exitWith }: CommandContext, options: Options): Promise<void> {
  const result = await actions.plan(toSettingsOptions(options));
  const changed = result.plans.filter((each) => !isEmpty(each));
  await writeView(io, options.output, {
    value: toView(result),
    table: (isWide) =>
      [...changed.map((each) => formatStack(each, isWide)), ...formatRoutePlan(result.routes)].join('\n'),
    names: changed.map((each) => each.stack),
  });
  writeProblems(io, result.problems);
  writeKept(io, result.kept);
  const revision = shortenHashes(result.revision);
  if (hasErrors(result.problems)) {
    writeNote(io, '✗', `${countProblems(result.problems)} at ${revision}`);
    exitWith(exitCodes.failed);
  } else if (changed.length > 0 || listRouteLines(result.routes).length > 0) {
    writeNote(
      io,
      '⚠',
      `${countOf(changed.length, 'stack')} of ${result.plans.length} differ from ${revision}`,
    );
    exitWith(exitCodes.different);
  } else {
    writeNote(io, '✔', `${countOf(result.plans.length, 'stack')} as declared at ${revision}`);
  }
}

function toView({ revision, plans, routes, problems }: PlanResult): PlanListView {
  const told = routes === undefined ? {} : { routes: toRoutePlanView(routes) };
  return { revision, plans: plans.map(toPlanView), ...told, problems };
}

/** Wide tells every difference; otherwise only those that Git did not ask for. */
function formatStack(each: Plan, isWide: boolean): string {
  const asked = each.differences.filter((difference) => isWide && !difference.drift);
  const lines = [...formatPlan(each), ...asked.map((found) => `differs: ${formatDifference(found)}`)];
  return [`${each.stack}:`, ...lines.map((line) => `  ${line}`)].map((line) => toPrintable(line)).join('\n');
}
