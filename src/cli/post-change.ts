// What the commands that lay something over Git have in common.
import type { OverrideAccepted } from '#contract/overrides.ts';
import { type ApiOptions, findAccess } from './api-options.ts';
import { writeNote } from './cli-io.ts';
import type { CommandContext } from './command-context.ts';
import { postView } from './fetch-view.ts';

export type StackAction = 'rollback' | 'suspend' | 'resume' | 'stop' | 'start' | 'restart';

/** Asks the daemon, and says what will be otherwise; the loop does it after that. Undefined fields are left out. */
export async function postStackChange(
  context: CommandContext,
  options: ApiOptions,
  { stack, action, body }: { readonly stack: string; readonly action: StackAction; readonly body: object },
): Promise<void> {
  const access = await findAccess(context.actions, options);
  const path = `/api/v1/stacks/${encodeURIComponent(stack)}/${action}`;
  const { changes } = await postView<OverrideAccepted>(access, path, body);
  for (const change of changes) writeNote(context.io, '►', change);
  if (changes.length === 0) writeNote(context.io, '✔', 'nothing to do');
}
