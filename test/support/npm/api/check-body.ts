import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { refuse } from '../npm-error.ts';
import type { NpmVersion } from '../npm-version.ts';
import { createRequestSchemas, type Schema } from './request-schemas.ts';

export type BodyCheck = {
  /** By method and path template. */
  readonly schemas: Readonly<Record<string, Schema>>;
  /**
   * The body of a request, coerced; routes without a schema take anything.
   * @throws 400 with ajv's texts, all of them since 2.12.0
   */
  check(route: string, body: unknown): Record<string, unknown>;
};

const known = new Map<string, BodyCheck>();

/** One for each version: to compile the schemas takes longer than most tests. */
export function getBodyCheck(version: NpmVersion): BodyCheck {
  const check = known.get(version.text) ?? createBodyCheck(version);
  known.set(version.text, check);
  return check;
}

/** Coercion is what makes `certificate_id: 0` a truthy "0": ajv tries both branches of its anyOf on the data. */
function createBodyCheck(version: NpmVersion): BodyCheck {
  const isStrict = version.isSince('2.12.0');
  const ajv = new Ajv2020({
    allErrors: isStrict,
    strict: false,
    coerceTypes: true,
    ...(isStrict ? {} : { removeAdditional: 'all' as const }),
  });
  const schemas = createRequestSchemas(version);
  const compiled = new Map<string, ValidateFunction>();

  return {
    schemas,
    check(route, body) {
      const schema = schemas[route];
      if (schema === undefined) return (body ?? {}) as Record<string, unknown>;
      if (body === undefined) throw refuse('Payload is undefined');
      const validate = compiled.get(route) ?? ajv.compile(schema);
      compiled.set(route, validate);
      if (!validate(body)) throw refuse(ajv.errorsText(validate.errors));
      return body as Record<string, unknown>;
    },
  };
}
