import { type Document, isScalar, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import type { Problem } from '#domain/problem.ts';
import { fileProblem } from '../place.ts';
import { findShapeFaults } from './check-shape.ts';
import { dropAddedLineBreak } from './end-of-text.ts';
import { goScalarTags } from './go-scalars.ts';
import { locateNode } from './locate-node.ts';
import { resetTags, takeResets } from './reset-tags.ts';
import type { Position, SourceDocument } from './source-document.ts';
import type { YamlLimits } from './yaml-limits.ts';

type Faulty = { readonly kind: 'faulty'; readonly problems: readonly Problem[] };

export type ParsedYaml = { readonly kind: 'parsed'; readonly document: SourceDocument } | Faulty;

export type ParsedYamlDocuments =
  | { readonly kind: 'parsed'; readonly documents: readonly SourceDocument[] }
  | Faulty;

/** One file, one document. Whatever the text, the answer is a document or problems, in bounded time. */
export function parseYaml(file: string, text: string, limits: YamlLimits): ParsedYaml {
  const parsed = parseYamlDocuments(file, text, limits, 1);
  if (parsed.kind === 'faulty') return parsed;
  const [document] = parsed.documents;
  if (document === undefined) return faulty(fileProblem(file, 'the file is empty'));
  return { kind: 'parsed', document };
}

/** All documents of a file; empty ones are left out. */
export function parseYamlDocuments(
  file: string,
  text: string,
  limits: YamlLimits,
  maxDocuments: number,
): ParsedYamlDocuments {
  try {
    return parseAll(file, text, limits, maxDocuments);
  } catch (error) {
    // The parser is recursive: nesting beyond the stack ends in a RangeError, a self-reference in a
    // ReferenceError, an alias bomb too.
    if (error instanceof RangeError) return faulty(fileProblem(file, 'the YAML is nested too deeply'));
    if (error instanceof ReferenceError) {
      return faulty(fileProblem(file, `an alias cannot be used: ${error.message}`, 'repeat less by aliases'));
    }
    throw error;
  }
}

function faulty(...problems: Problem[]): Faulty {
  return { kind: 'faulty', problems };
}

function parseAll(file: string, text: string, limits: YamlLimits, maxDocuments: number): ParsedYamlDocuments {
  const lines = new LineCounter();
  const position = createPositionReader(text, lines);
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    uniqueKeys: false, // check-shape.ts looks for it
    customTags: (tags) => [...goScalarTags, ...tags],
  });
  const found = 'empty' in parsed ? [] : parsed;
  const documents = found.filter(({ contents, errors }) => !isNothing(contents) || errors.length > 0);
  const faults = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings.filter(isFault)]);
  if (faults.length > 0) {
    return faulty(...faults.slice(0, 10).map((error) => toProblem(file, error, position)));
  }
  const second = documents[maxDocuments];
  if (second !== undefined) {
    const where = position(second.contents?.range?.[0] ?? second.range[0]);
    const most = maxDocuments === 1 ? 'one YAML document' : `at most ${maxDocuments} YAML documents`;
    return faulty({ ...fileProblem(file, `expected ${most}, found more`), ...where });
  }
  dropAddedLineBreak(text, documents.at(-1));
  const results = documents.map((document) => toDocument(document, { file, text, position, limits }));
  const problems = results.flatMap((result) => (result.kind === 'faulty' ? result.problems : []));
  if (problems.length > 0) return faulty(...problems);
  return {
    kind: 'parsed',
    documents: results.flatMap((result) => (result.kind === 'parsed' ? result.document : [])),
  };
}

function isNothing(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.source === '');
}

/** Compose's own tags are no fault. */
function isFault({ code, message }: YAMLError): boolean {
  return code !== 'TAG_RESOLVE_FAILED' || !resetTags.some((tag) => message.endsWith(`: ${tag}`));
}

type Source = {
  readonly file: string;
  readonly text: string;
  readonly position: (offset: number) => Position;
  readonly limits: YamlLimits;
};

function toDocument(document: Document.Parsed, { file, text, position, limits }: Source): ParsedYaml {
  // Walking a document takes time: most texts have no tag and no alias, as these need such a character.
  const resets = text.includes('!') ? takeResets(document) : [];
  const faults = findShapeFaults(document, limits, text.includes('*'));
  if (faults.length > 0) {
    return faulty(
      ...faults.map(({ offset, message, hint }) => ({
        ...fileProblem(file, message, hint),
        ...position(offset),
      })),
    );
  }
  const value: unknown = document.toJS({ maxAliasCount: limits.maxAliases });
  return {
    kind: 'parsed',
    document: {
      file,
      value,
      resets,
      locate(path, of = 'value') {
        const offset = locateNode(document, path, of);
        return offset === undefined ? undefined : position(offset);
      },
    },
  };
}

function createPositionReader(text: string, lines: LineCounter): (offset: number) => Position {
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    const start = lines.lineStarts[line - 1] ?? 0;
    const end = text.indexOf('\n', start);
    const excerpt = text.slice(start, end === -1 ? undefined : end).trimEnd();
    return { line, column: col, excerpt: excerpt.slice(0, 160) };
  };
}

const plainMessages: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
};

function toProblem(file: string, error: YAMLError, position: (offset: number) => Position): Problem {
  // The parser also catches its own stack overflow and tells it as a fault of the text.
  const tooDeep = /stack/i.test(error.message) ? 'the YAML is nested too deeply' : undefined;
  const message = tooDeep ?? plainMessages[error.code] ?? `not valid YAML: ${error.message}`;
  return { ...fileProblem(file, message), ...position(error.pos[0]) };
}
