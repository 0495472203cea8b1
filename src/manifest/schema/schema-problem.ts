import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Problem } from '#domain/problem.ts';
import { problemAt } from '../place.ts';
import type { DocumentPath, SourceDocument } from '../yaml/source-document.ts';
import { findNearestName } from './nearest-name.ts';

/** Where in which document something stands, by its path in what was checked. */
export type Locate = (path: DocumentPath) => {
  readonly document: SourceDocument;
  readonly path: DocumentPath;
};

/** The problem an Ajv error tells of; undefined when another error says the same more precisely. */
export function toProblem(locate: Locate, error: ErrorObject): Problem | undefined {
  const path = toPath(error.instancePath);
  const fault = describe(error);
  if (fault === undefined) return undefined;
  const { message, hint, key, index } = fault;
  const below = key ?? index;
  const found = locate(below === undefined ? path : [...path, below]);
  const of = key === undefined ? 'value' : 'key';
  return problemAt(found.document, found.path, { severity: 'error', message, hint }, of);
}

type Fault = {
  readonly message: string;
  readonly hint?: string | undefined;
  /** The fault is this key of the value, not the value. */
  readonly key?: string;
  /** The fault is this entry of the value. */
  readonly index?: number;
};

function describe(error: ErrorObject): Fault | undefined {
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(String(params['additionalProperty']), error);
    case 'required':
      return { message: `the field "${params['missingProperty']}" is missing` };
    case 'type':
      return wrongType(error);
    case 'const':
      return { message: `expected ${quote(params['allowedValue'])}, found ${found(error.data)}` };
    case 'enum':
      return wrongChoice(error, params['allowedValues']);
    case 'pattern':
      // With propertyName, the fault is a key.
      return error.propertyName === undefined
        ? { message: `expected ${expectedOf(error)}, found ${found(error.data)}` }
        : {
            message: `expected ${expectedOf(error)}, found "${error.propertyName}"`,
            key: error.propertyName,
          };
    case 'minProperties':
    case 'minLength':
      return { message: 'must not be empty' };
    case 'maxProperties':
      return { message: `has more than ${params['limit']} entries` };
    case 'uniqueItems':
      return {
        message: 'this entry is there already',
        index: Math.max(Number(params['i']), Number(params['j'])),
      };
    case 'if':
    case 'propertyNames':
      return undefined;
    default:
      return { message: error.message ?? `does not fit (${error.keyword})` };
  }
}

function unknownField(name: string, error: ErrorObject): Fault {
  const known = Object.keys(Object(error.parentSchema?.['properties']) as object);
  const nearest = findNearestName(name, known);
  const few = known.length <= 8 && known.length > 0 ? `known: ${known.join(', ')}` : undefined;
  const hint = nearest === undefined ? few : `did you mean "${nearest}"?`;
  return { message: `unknown field "${name}"`, hint, key: name };
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

function wrongType(error: ErrorObject): Fault {
  const types: unknown[] = [error.schema].flat();
  const annotated: unknown = error.parentSchema?.['x-expected'];
  const names = types
    .filter((type) => type !== 'null')
    .map((type) => typeNames[String(type)] ?? String(type));
  const expected = typeof annotated === 'string' ? annotated : names.join(' or ');
  const data: unknown = error.data;
  const hint =
    types.includes('string') && (typeof data === 'number' || typeof data === 'boolean')
      ? 'put it in quotes'
      : undefined;
  return { message: `expected ${expected}, found ${found(data)}`, hint };
}

function wrongChoice(error: ErrorObject, allowed: unknown): Fault {
  const choices = Array.isArray(allowed) ? allowed.map(String) : [];
  const nearest = typeof error.data === 'string' ? findNearestName(error.data, choices) : undefined;
  return {
    message: `expected ${choices.join(', ')}, found ${found(error.data)}`,
    hint: nearest === undefined ? undefined : `did you mean "${nearest}"?`,
  };
}

function expectedOf(error: ErrorObject): string {
  const annotated: unknown = error.parentSchema?.['x-expected'];
  return typeof annotated === 'string' ? annotated : `text like ${String(error.schema)}`;
}

/** Structures are named, not printed: they may hold secrets. */
function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : quote(value);
}

function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
}

function toPath(pointer: string): DocumentPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
