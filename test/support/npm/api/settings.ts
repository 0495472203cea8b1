import { reload } from '../nginx/configure.ts';
import { renderDefaultSite } from '../nginx/render-default-site.ts';
import { type NpmAnswer, type NpmCall, ok } from '../npm-core.ts';
import { notFound, refuse } from '../npm-error.ts';
import { liveRows } from '../npm-state.ts';
import { authenticate, authorizeAdmin, isVisible } from './access.ts';

export async function listSettings(call: NpmCall): Promise<NpmAnswer> {
  authorizeAdmin(call.core, call.access);
  return ok([...call.core.state.settings.values()]);
}

export async function getSetting(call: NpmCall): Promise<NpmAnswer> {
  authorizeAdmin(call.core, call.access);
  return ok(settingOf(call));
}

export async function updateSetting(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  authorizeAdmin(core, call.access);
  const setting = Object.assign(settingOf(call), structuredClone(call.body));
  const path = `${core.nginx.options.dataPath}/nginx/default_host/site.conf`;
  core.nginx.files.set(path, renderDefaultSite(setting, core.nginx.options));
  try {
    await reload(core);
  } catch {
    core.nginx.files.delete(path);
    throw refuse('Could not reconfigure Nginx. Please check logs.');
  }
  return ok(setting);
}

function settingOf(call: NpmCall): { value: string; meta: object } {
  const id = call.params['id'] ?? '';
  const setting = call.core.state.settings.get(id);
  if (setting === undefined) throw notFound(id);
  return setting;
}

/** `GET /reports/hosts`: how many hosts the user sees. */
export async function countHosts(call: NpmCall): Promise<NpmAnswer> {
  const actor = authenticate(call.core, call.access);
  const count = (table: 'proxy_host' | 'redirection_host' | 'stream' | 'dead_host'): number =>
    liveRows(call.core.state, table).filter((row) => isVisible(actor, row)).length;
  return ok({
    proxy: count('proxy_host'),
    redirection: count('redirection_host'),
    stream: count('stream'),
    dead: count('dead_host'),
  });
}
