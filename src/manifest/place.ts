import type { Problem } from '#domain/problem.ts';
import type { DocumentPath, SourceDocument } from './yaml/source-document.ts';

/** A value in the state repo that cannot be used. The message says what was found and what was expected. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
  readonly code = 'MANIFEST_INVALID_VALUE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A spot in a document where something may turn out to be wrong. */
export type Place = {
  at(...keys: DocumentPath): Place;
  /** The same spot, with nothing in it: what is wrong with a part of what it stands for is told here. */
  whole(): Place;
  /** A hint that takes time to find is looked for only when there is room for the problem. */
  error(message: string, hint?: string | (() => string | undefined)): void;
  warn(message: string, hint?: string): void;
  /** Runs `read`; an InvalidValue becomes an error at this place, and the result is undefined. */
  attempt<T>(read: () => T): T | undefined;
  /** Where it was written. */
  source(): { readonly document: SourceDocument; readonly path: DocumentPath };
};

// Each severity has this much room: a flood of warnings must not leave out an error.
const maxProblems = 200;

/** Every place below shares `problems`, and appends to it. */
export function createPlace(document: SourceDocument, path: DocumentPath, problems: Problem[]): Place {
  return createPlaceFrom(path, problems, (at) => ({ document, path: at }));
}

/** `locate` says where in which document something stands; it is asked only when something is wrong. */
export function createPlaceFrom(
  path: DocumentPath,
  problems: Problem[],
  locate: (path: DocumentPath) => { readonly document: SourceDocument; readonly path: DocumentPath },
): Place {
  function report(
    severity: Problem['severity'],
    message: string,
    hint?: string | (() => string | undefined),
  ): void {
    if (problems.length >= (severity === 'error' ? 2 * maxProblems : maxProblems)) return;
    const found = locate(path);
    const shown = typeof hint === 'function' ? hint() : hint;
    problems.push(problemAt(found.document, found.path, { severity, message, hint: shown }));
  }
  return {
    at: (...keys) => createPlaceFrom([...path, ...keys], problems, locate),
    whole: () => createPlaceFrom(path, problems, () => locate(path)),
    source: () => locate(path),
    error: (message, hint) => report('error', message, hint),
    warn: (message, hint) => report('warning', message, hint),
    attempt(read) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        report('error', error.message, error.hint);
        return undefined;
      }
    },
  };
}

type Finding = {
  readonly severity: Problem['severity'];
  readonly message: string;
  readonly hint?: string | undefined;
};

export function problemAt(
  document: SourceDocument,
  path: DocumentPath,
  finding: Finding,
  of: 'key' | 'value' = 'value',
): Problem {
  const position = document.locate(path, of);
  return {
    severity: finding.severity,
    file: document.file,
    ...(position && { line: position.line, column: position.column, excerpt: position.excerpt }),
    ...(path.length > 0 && { path: formatPath(path) }),
    message: finding.message,
    ...(finding.hint !== undefined && { hint: finding.hint }),
  };
}

/** `services.web.ports[0]` */
function formatPath(path: DocumentPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/** For something wrong with a file as a whole. */
export function fileProblem(file: string, message: string, hint?: string): Problem {
  return { severity: 'error', file, message, ...(hint !== undefined && { hint }) };
}
