// Puts the program into one file, dist/shorefast.mjs, with its map: `npm run build`.
//
// One file and not one for each command: a dynamic import stays lazy inside it (its modules are evaluated at
// the first use), V8 compiles functions only when they are called, and one file is what can be copied about.
import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { compiledValidators } from './compiled-validators.ts';

const root = join(import.meta.dirname, '..');

/**
 * Parts of dockerode for what Shorefast does not do: engines over ssh, BuildKit sessions, build contexts.
 * They would load ssh2, gRPC, protobuf.js and native add-ons with every start.
 */
const unused = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore)$/;

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: () => function () {
        throw new Error('${path} is not part of this build');
      } });`,
    }));
  },
};

/** Of undici only what is used, for a third of the bundle: no fetch, WebSocket, cache or mocks. */
const onlyRequests: Plugin = {
  name: 'only-requests',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'requests' }));
    onLoad({ filter: /.*/, namespace: 'requests' }, () => ({
      resolveDir: root,
      // As its index.js does it, for an address and a dispatcher that are always given.
      contents: `
        const Dispatcher = require('./node_modules/undici/lib/dispatcher/dispatcher.js');
        const api = require('./node_modules/undici/lib/api/index.js');
        Object.assign(Dispatcher.prototype, api);
        exports.Agent = require('./node_modules/undici/lib/dispatcher/agent.js');
        exports.request = (address, { dispatcher, ...options }) => {
          const { origin, pathname, search } = new URL(address);
          return dispatcher.request({ ...options, origin, path: pathname + search });
        };`,
    }));
  },
};

/** One character beyond ASCII, in a regular expression, and V8 keeps the whole file at two bytes a character. */
const onlyAscii: Plugin = {
  name: 'only-ascii',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|js|mjs|cjs)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll(/[^\0-\x7f]/g, toEscape);
      return contents === text ? undefined : { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The one file that is read at run time from the sources becomes part of the bundle. */
const inlineOpenapi: Plugin = {
  name: 'inline-openapi',
  setup({ onLoad }) {
    onLoad({ filter: /src\/api\/openapi-document\.ts$/ }, async () => {
      const file = join(root, 'schemas/openapi.yaml');
      const text = JSON.stringify(await readFile(file, 'utf8'));
      return {
        contents: `export async function readOpenapiDocument() { return ${text}; }`,
        watchFiles: [file],
      };
    });
  },
};

/** The commit that is built, `-dirty` with changes that are not committed; BUILD_REVISION says it without Git. */
function readRevision(): string {
  const named = process.env['BUILD_REVISION'];
  if (named !== undefined && named !== '') return named;
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    const isDirty = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${isDirty ? '-dirty' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** The licences of the packages that went in: they ask to be shipped along. */
async function readLicences(inputs: readonly string[]): Promise<string> {
  const directories = inputs.flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const texts = [...new Set(directories)].toSorted().map(async (directory) => {
    const facts = JSON.parse(await readFile(join(root, directory, 'package.json'), 'utf8'));
    const files = (await readdir(join(root, directory))).filter((name) =>
      /^(licen[cs]e|copying|notice)/i.test(name),
    );
    const read = files.map((name) => readFile(join(root, directory, name), 'utf8'));
    return [`${facts.name} ${facts.version} (${facts.license})`, ...(await Promise.all(read))].join('\n\n');
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}

const outfile = join(root, 'dist/shorefast.mjs');
const { metafile } = await build({
  entryPoints: [join(root, 'src/app/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  sourcesContent: false,
  // Names stay readable in stack traces; blanks and comments are half of the size.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  // CommonJS packages ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  define: { 'process.env.SHOREFAST_BUILD_REVISION': JSON.stringify(readRevision()) },
  // isomorphic-git gives Node its CommonJS form, of which nothing can be left out.
  alias: { 'isomorphic-git': join(root, 'node_modules/isomorphic-git/index.js') },
  plugins: [leaveOut, onlyRequests, inlineOpenapi, compiledValidators(root), onlyAscii],
});
await chmod(outfile, 0o755);
await writeFile(join(root, 'dist/LICENCES.txt'), await readLicences(Object.keys(metafile.inputs)));
