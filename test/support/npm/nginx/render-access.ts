import type { Row } from '../npm-state.ts';
import type { RenderOptions } from './nginx.ts';

type AccessList = Row & {
  items?: readonly object[];
  clients?: readonly { directive: string; address: string }[];
};

/** Users and clients stand in it only if they were fetched with the list; else the list lets everybody in. */
export function renderAccess(host: Row, options: RenderOptions): string[] {
  const id = Number(host['access_list_id'] ?? 0);
  if (id <= 0) return [];
  const list = (host['access_list'] ?? undefined) as AccessList | undefined;
  const clients = list?.clients ?? [];
  return [
    ...((list?.items ?? []).length > 0 ? renderUsers(id, list?.['pass_auth'] === true, options) : []),
    ...clients.map((client) => `    ${client.directive} ${client.address};`),
    ...(clients.length > 0 ? ['    deny all;'] : []),
    `    satisfy ${list?.['satisfy_any'] === true ? 'any' : 'all'};`,
  ];
}

function renderUsers(id: number, passesOn: boolean, options: RenderOptions): string[] {
  return [
    '    auth_basic            "Authorization required";',
    `    auth_basic_user_file  ${options.dataPath}/access/${id};`,
    ...(passesOn ? [] : ['    proxy_set_header Authorization "";']),
  ];
}
