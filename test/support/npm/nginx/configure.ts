import type { NpmCore } from '../npm-core.ts';
import { NpmError } from '../npm-error.ts';
import { patchRow, type Row } from '../npm-state.ts';
import { NginxRefusal } from './nginx.ts';
import { renderDeadHost, renderProxyHost, renderRedirectionHost } from './render-host.ts';
import { renderStream } from './render-stream.ts';

export type HostTable = 'proxy_host' | 'redirection_host' | 'dead_host' | 'stream';

const renderers = {
  proxy_host: renderProxyHost,
  redirection_host: renderRedirectionHost,
  dead_host: renderDeadHost,
  stream: renderStream,
};

/**
 * What NPM does after every write: test, write the file, test again, keep it or take it away and note the error
 * in the row's meta, reload. The last good file is not kept.
 * @returns the new meta
 * @throws 500 when nginx was broken before; the file is as it was then
 */
export async function configure(core: NpmCore, table: HostTable, host: Row): Promise<object> {
  await testOrFail(core);
  removeConfig(core, table, host.id);
  writeConfig(core, table, host);
  const refusal = await testRefusal(core);
  const meta = {
    ...(host['meta'] as object),
    nginx_online: refusal === undefined,
    nginx_err: refusal ?? null,
  };
  patchRow(core.state, table, host.id, { meta });
  if (refusal !== undefined) removeConfig(core, table, host.id);
  await reload(core);
  return meta;
}

/** What the host is made of has to be fetched with it: what is missing (users of a list) is missing in nginx. */
export function writeConfig(core: NpmCore, table: HostTable, host: Row): void {
  core.nginx.files.set(configPath(core, table, host.id), renderers[table](host, core.nginx.options));
}

export function removeConfig(core: NpmCore, table: HostTable, id: number): void {
  core.nginx.files.delete(configPath(core, table, id));
}

function configPath(core: NpmCore, table: HostTable, id: number): string {
  return `${core.nginx.options.dataPath}/nginx/${table}/${id}.conf`;
}

/** @throws 500 when the files as they are are refused */
export async function reload(core: NpmCore): Promise<void> {
  await testOrFail(core);
  await core.nginx.reload();
}

async function testOrFail(core: NpmCore): Promise<void> {
  const refusal = await testRefusal(core);
  if (refusal !== undefined) throw new NpmError(500, refusal, { isPublic: false });
}

async function testRefusal(core: NpmCore): Promise<string | undefined> {
  try {
    await core.nginx.test();
    return undefined;
  } catch (error) {
    if (error instanceof NginxRefusal) return error.message;
    throw error;
  }
}
