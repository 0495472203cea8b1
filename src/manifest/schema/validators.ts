// The build puts code in the place of this file that Ajv has made of the schemas beforehand (deploy/compiled-validators.ts):
// compiling takes 60 ms, at the moment when a first push waits, and memory that never comes back.
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import { createAjv, type SchemaName, toSchemaId } from './create-ajv.ts';

let ajv: Ajv2020 | undefined;

export function validatorFor(name: SchemaName): ValidateFunction {
  ajv ??= createAjv();
  const found = ajv.getSchema(toSchemaId(name));
  if (found === undefined) throw new Error(`no schema named ${name}`);
  return found as ValidateFunction;
}
