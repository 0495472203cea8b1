import { formatProblem, type Problem } from '#domain/problem.ts';
import { type CliIo, writeNote } from './cli-io.ts';
import { toPrintable } from './printable.ts';

/** A problem with the line it is about, and a mark below the spot. */
export function formatProblemWithExcerpt(problem: Problem): string {
  const head = toPrintable(`${problem.severity}: ${formatProblem(problem)}`);
  if (problem.excerpt === undefined || problem.line === undefined) return head;
  const gutter = `${problem.line} | `;
  const before = problem.excerpt.slice(0, (problem.column ?? 1) - 1).replace(/[^\t]/g, ' ');
  const caret = `${' '.repeat(gutter.length - 2)}| ${before}^`;
  const excerpt = problem.excerpt.split('\t').map(toPrintable).join('\t');
  return `${head}\n${gutter}${excerpt}\n${caret}`;
}

export function writeProblems(io: CliIo, problems: readonly Problem[]): void {
  for (const problem of problems) {
    writeNote(io, problem.severity === 'error' ? '✗' : '⚠', formatProblem(problem));
  }
}

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return [countOf(errors, 'error'), countOf(problems.length - errors, 'warning')].join(', ');
}

export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
