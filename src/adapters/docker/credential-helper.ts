import { execFile } from 'node:child_process';
import type { RegistryAuth } from './registry-auth.ts';

const helperTimeoutMs = 30_000;
const maxAnswerBytes = 1024 * 1024;

/**
 * Asks `docker-credential-<name> get` for the credentials of one registry: the registry on standard input,
 * the answer as JSON. Undefined when it has none, or fails.
 */
export async function readCredentialHelper(
  name: string,
  registryKey: string,
  onProblem: (message: string) => void,
): Promise<RegistryAuth | undefined> {
  // The name becomes part of a program's name, and must not lead elsewhere.
  if (!/^[\w.-]+$/.test(name)) {
    onProblem(`"${name}" is not the name of a credential helper`);
    return undefined;
  }
  try {
    return parseAnswer(await runHelper(`docker-credential-${name}`, registryKey));
  } catch (error) {
    // What the helper printed may hold a secret, so that only the way it failed is told.
    const reason =
      error instanceof Error && 'code' in error ? String(error.code) : 'its answer is not understood';
    onProblem(`docker-credential-${name} gave no credentials for ${registryKey} (${reason})`);
    return undefined;
  }
}

async function runHelper(program: string, input: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const limits = { timeout: helperTimeoutMs, maxBuffer: maxAnswerBytes, killSignal: 'SIGKILL' } as const;
  const child = execFile(program, ['get'], limits, (error, stdout) => {
    if (error === null) resolve(stdout);
    else reject(error);
  });
  // A helper that ends without reading breaks the pipe; its exit code tells the story.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(`${input}\n`);
  return promise;
}

function parseAnswer(text: string): RegistryAuth | undefined {
  const { Username, Secret } = JSON.parse(text) as { Username?: unknown; Secret?: unknown };
  if (typeof Username !== 'string' || typeof Secret !== 'string' || Secret === '') return undefined;
  return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
}
