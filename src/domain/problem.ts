/**
 * Something wrong in the state repo, told as a good compiler would: where, what was found, what was
 * expected, how to mend it. A `warning` never stops anything.
 */
export type Problem = {
  readonly severity: 'error' | 'warning';
  /** Path inside the state repo, with `/`. */
  readonly file: string;
  /** 1-based. Absent when the fault is the file as a whole (missing, too large). */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** Where in the document: `services.web.ports[0]`. */
  readonly path?: string;
  readonly message: string;
  /** What to do about it: the nearest known name, the setting to change. */
  readonly hint?: string;
  /** The offending source line, as written. */
  readonly excerpt?: string;
};

/** A place in the state repo, without what is wrong there. */
export type DeclaredAt = Pick<Problem, 'file' | 'line' | 'column' | 'path' | 'excerpt'>;

/** `apps/web/app.yaml:3:5: spec.prot: unknown field (did you mean "port"?)` */
export function formatProblem(problem: Problem): string {
  const position = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
  const path = problem.path ? `${problem.path}: ` : '';
  const hint = problem.hint ? ` (${problem.hint})` : '';
  return `${problem.file}${position}: ${path}${problem.message}${hint}`;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
