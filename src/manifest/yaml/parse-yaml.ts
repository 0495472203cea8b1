import { type Document, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import type { Problem } from '#domain/problem.ts';
import { fileProblem } from '../place.ts';
import { findShapeFaults } from './check-shape.ts';
import { goScalarTags } from './go-scalars.ts';
import { locateNode } from './locate-node.ts';
import type { Position, SourceDocument } from './source-document.ts';
import type { YamlLimits } from './yaml-limits.ts';

export type ParsedYaml =
  | { readonly kind: 'parsed'; readonly document: SourceDocument }
  | { readonly kind: 'faulty'; readonly problems: readonly Problem[] };

/** One file, one document. Whatever the text, the answer is a document or problems, in bounded time. */
export function parseYaml(file: string, text: string, limits: YamlLimits): ParsedYaml {
  try {
    return parseOne(file, text, limits);
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

function faulty(...problems: Problem[]): ParsedYaml {
  return { kind: 'faulty', problems };
}

function parseOne(file: string, text: string, limits: YamlLimits): ParsedYaml {
  const lines = new LineCounter();
  const position = createPositionReader(text, lines);
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    uniqueKeys: false, // check-shape.ts looks for it
    customTags: (tags) => [...goScalarTags, ...tags],
  });
  const [document, ...more] = 'empty' in documents ? [] : documents;
  if (document === undefined || (document.contents === null && document.errors.length === 0)) {
    return faulty(fileProblem(file, 'the file is empty'));
  }
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return faulty(...errors.slice(0, 10).map((error) => toProblem(file, error, position)));
  }
  const second = more.find((other) => other.contents !== null || other.errors.length > 0);
  if (second !== undefined) {
    const where = position(second.contents?.range?.[0] ?? second.range[0]);
    return faulty({ ...fileProblem(file, 'expected one YAML document, found several'), ...where });
  }
  return toDocument(file, document, position, limits);
}

function toDocument(
  file: string,
  document: Document.Parsed,
  position: (offset: number) => Position,
  limits: YamlLimits,
): ParsedYaml {
  const faults = findShapeFaults(document, limits);
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
