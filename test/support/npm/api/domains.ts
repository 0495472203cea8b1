import type { HostTable } from '../nginx/configure.ts';
import type { NpmCore } from '../npm-core.ts';
import { refuse } from '../npm-error.ts';
import { liveRows, type Row } from '../npm-state.ts';

const domainTables: readonly HostTable[] = ['proxy_host', 'redirection_host', 'dead_host'];

/**
 * Every domain is looked for among the proxy, redirection and 404 hosts of all owners, in any case of letters.
 * @throws 400 that names the first one taken
 */
export function refuseTakenDomains(core: NpmCore, names: readonly string[], self?: Row): void {
  for (const name of names) {
    const holders = hostsWithDomains(core, [name]).filter(({ host }) => host !== self);
    if (holders.length > 0) throw refuse(`${name} is already in use`);
  }
}

export function hostsWithDomains(core: NpmCore, names: readonly string[]): { table: HostTable; host: Row }[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return domainTables.flatMap((table) =>
    liveRows(core.state, table)
      .filter((host) => (host['domain_names'] as string[]).some((name) => wanted.has(name.toLowerCase())))
      .map((host) => ({ table, host })),
  );
}
