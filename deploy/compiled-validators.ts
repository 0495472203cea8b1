import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'esbuild';
import { createAjv, schemaNames, toSchemaId } from '#manifest/schema/create-ajv.ts';

/** In place of src/manifest/schema/validators.ts and of Ajv: the code that Ajv makes of the schemas. */
export function compiledValidators(root: string): Plugin {
  return {
    name: 'compiled-validators',
    setup({ onLoad }) {
      onLoad({ filter: /src\/manifest\/schema\/validators\.ts$/ }, () => {
        const ids = Object.fromEntries(schemaNames.map((name) => [name, toSchemaId(name)]));
        const code = standalone.default(createAjv({ code: { source: true, esm: true } }), ids);
        const entries = schemaNames.join(', ');
        return {
          contents: `${code}\nconst validators = { ${entries} };\nexport const validatorFor = (name) => validators[name];`,
          resolveDir: root,
        };
      });
    },
  };
}
