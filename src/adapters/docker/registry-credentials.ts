import { readFile } from 'node:fs/promises';
import { readCredentialHelper } from './credential-helper.ts';
import { dockerHub, dockerHubKey, type RegistryAuth, toRegistryHost } from './registry-auth.ts';

export type RegistryCredentialsOptions = {
  /** By registry host. These come first. */
  readonly settings: Readonly<Record<string, RegistryAuth>>;
  /** A `config.json` as the Docker command line writes it. */
  readonly dockerConfigFile?: string;
  /** Told why the file or a helper could not be used; the pull goes on without signing in, as Docker's does. */
  readonly onProblem?: (message: string) => void;
};

/** The part of `config.json` that we read. */
type DockerConfig = {
  readonly auths?: Readonly<Record<string, { auth?: string; identitytoken?: string } | null>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
};

/** Looks everything up anew each time, because files change and tokens expire. It never rejects. */
export function createRegistryCredentials(
  options: RegistryCredentialsOptions,
): (registryHost: string) => Promise<RegistryAuth | undefined> {
  const { settings, dockerConfigFile, onProblem = () => undefined } = options;
  return async (registryHost) => {
    const host = toRegistryHost(registryHost);
    const own = findByHost(settings, host);
    if (own !== undefined || dockerConfigFile === undefined) return own;
    try {
      const config = await readDockerConfig(dockerConfigFile);
      return config === undefined ? undefined : await findInConfig(config, host, onProblem);
    } catch (error) {
      onProblem(`${dockerConfigFile} cannot be used: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
}

async function readDockerConfig(file: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as DockerConfig;
  } catch {
    // The parser's message would quote the file, and with it a password.
  }
  throw new Error('it is not JSON');
}

/** In the order of the Docker command line: the registry's helper, the common one, the file itself. */
async function findInConfig(
  config: DockerConfig,
  host: string,
  onProblem: (message: string) => void,
): Promise<RegistryAuth | undefined> {
  const helper = findByHost(config.credHelpers ?? {}, host) ?? config.credsStore;
  if (helper !== undefined && helper !== '') {
    const key = host === dockerHub ? dockerHubKey : host;
    const found = await readCredentialHelper(helper, key, onProblem);
    if (found !== undefined) return found;
  }
  return parseAuth(findByHost(config.auths ?? {}, host));
}

function parseAuth(
  entry: { auth?: string; identitytoken?: string } | null | undefined,
): RegistryAuth | undefined {
  if (entry?.identitytoken) return { identityToken: entry.identitytoken };
  const text = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  // Some helpers fill the password up with zero bytes.
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

function findByHost<T>(values: Readonly<Record<string, T>>, host: string): T | undefined {
  return Object.entries(values).find(([key]) => toRegistryHost(key) === host)?.[1];
}
