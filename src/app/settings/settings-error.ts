import { formatProblem, type Problem } from '#domain/problem.ts';
import { Failure } from '#ports/failure.ts';

/** Everything that is wrong with the settings at once: people fix them in one go. */
export class SettingsError extends Failure {
  override readonly name = 'SettingsError';
  declare readonly code: 'SETTINGS_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('SETTINGS_INVALID', problems.map(formatProblem).join('\n'), { reaction: 'stall' });
    this.problems = problems;
  }
}
