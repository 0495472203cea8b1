import { setTimeout as sleep } from 'node:timers/promises';
import type { StackListView, StackView, StatusView } from '#contract/status.ts';

export type DemoView = { readonly status: StatusView; readonly stacks: readonly StackView[] };

/** What the daemon says now; undefined while it does not answer. */
async function readView(url: string): Promise<DemoView | undefined> {
  try {
    const status = await get<StatusView>(`${url}/api/v1/status`);
    const list = await get<StackListView>(`${url}/api/v1/stacks`);
    const stacks = await Promise.all(
      list.stacks.map(({ name }) => get<StackView>(`${url}/api/v1/stacks/${name}`)),
    );
    return { status, stacks };
  } catch {
    return undefined;
  }
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as T;
}

/** Prints what is new in every look until the signal; `seen` is told of each. */
export async function watchStacks(
  url: string,
  options: { print: (line: string) => void; seen: (view: DemoView) => void; signal: AbortSignal },
): Promise<void> {
  const known = new Map<string, readonly string[]>();
  while (!options.signal.aborted) {
    const view = await readView(url);
    for (const stack of view?.stacks ?? []) {
      const lines = describe(stack);
      for (const line of newLines(known.get(stack.name) ?? [], lines)) {
        options.print(`${stack.name.padEnd(16)} ${line}`);
      }
      known.set(stack.name, lines);
    }
    if (view !== undefined) options.seen(view);
    await sleep(250, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Steps of the last cycle that did something, each marked by it, and how it stands now. */
function describe(stack: StackView): readonly string[] {
  const { startedAt, steps } = stack.lastCycle;
  const done = steps.map(({ kind, target, result, cause, error }) => {
    const outcome = result === 'done' ? '' : ` ${result}: ${error?.message ?? ''}`;
    return `${startedAt}\t${kind} ${target}${outcome}  (${cause.reason})`;
  });
  const { reason, message } = stack.ready;
  const stands = message.replaceAll(/[0-9a-f]{40}/g, (hash) => hash.slice(0, 12));
  return [...done, `\t${stack.result.toUpperCase()}  ${reason}: ${stands}`];
}

/** Without the part before the tab, which only tells one cycle from the next. */
function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  return now.filter((line) => !before.includes(line)).map((line) => line.slice(line.indexOf('\t') + 1));
}

/** Every stack that is declared is there, and at rest as it should be. */
export function hasConverged({ stacks }: DemoView, names: readonly string[]): boolean {
  return names.every((name) => stacks.some((stack) => stack.name === name && stack.result === 'converged'));
}

/** Why not, one line a reason. */
export function listReasons(view: DemoView | undefined, names: readonly string[]): readonly string[] {
  if (view === undefined) return ['the daemon does not answer'];
  const { status, stacks } = view;
  const faults = [
    ...(status.engine.reachable ? [] : [`engine: ${status.engine.message ?? 'not reachable'}`]),
    ...status.source.conditions
      .filter(({ status: state }) => state === 'False')
      .map(({ message }) => message),
    ...status.invalidApps.map(({ app, problems }) => `${app}: ${problems.join('; ')}`),
  ];
  const missing = names.filter((name) => !stacks.some((stack) => stack.name === name));
  const open = stacks.filter((stack) => stack.result !== 'converged');
  return [
    ...faults,
    ...missing.map((name) => `${name}: no cycle yet`),
    ...open.map(({ name, ready, lastCycle }) =>
      [`${name}: ${ready.reason}: ${ready.message}`, ...lastCycle.pending].join('\n    '),
    ),
  ];
}
