import { type NpmAnswer, type NpmCall, ok } from '../npm-core.ts';
import {
  createAccessList,
  deleteAccessList,
  getAccessList,
  listAccessLists,
  updateAccessList,
} from './access-lists.ts';
import { describeApi } from './api-description.ts';
import { getAuditLogEntry, listAuditLog } from './audit-log.ts';
import {
  createCertificate,
  deleteCertificate,
  downloadCertificate,
  getCertificate,
  listCertificates,
  listDnsProviders,
  renewCertificate,
  testReachability,
  uploadCertificate,
  validateCertificate,
} from './certificates.ts';
import { hostKinds } from './host-kinds.ts';
import {
  createHost,
  deleteHost,
  disableDeadHost,
  disableHost,
  enableHost,
  getHost,
  listHosts,
  updateHost,
} from './hosts.ts';
import type { Route } from './route.ts';
import { countHosts, getSetting, listSettings, updateSetting } from './settings.ts';
import { answerChallenge, login, refresh } from './tokens.ts';
import {
  disableSecondFactor,
  enableSecondFactor,
  getSecondFactor,
  renewBackupCodes,
  startSecondFactor,
} from './two-factor.ts';
import {
  createUser,
  deleteUser,
  getUser,
  isInSetup,
  listUsers,
  loginAs,
  setPassword,
  setPermissions,
  updateUser,
} from './users.ts';

const routes: readonly Route[] = [
  { name: 'GET /', isOpen: true, handle: getHealth },
  { name: 'GET /schema', isOpen: true, handle: async (call) => ok(describeApi(call, routes)) },
  { name: 'GET /version/check', since: '2.13.5', isOpen: true, handle: checkVersion },
  { name: 'POST /tokens', isOpen: true, handle: login },
  { name: 'GET /tokens', handle: refresh },
  { name: 'POST /tokens/2fa', since: '2.13.6', isOpen: true, handle: answerChallenge },
  { name: 'GET /users', handle: listUsers },
  { name: 'POST /users', handle: createUser },
  { name: 'GET /users/:id', handle: getUser },
  { name: 'PUT /users/:id', handle: updateUser },
  { name: 'DELETE /users/:id', handle: deleteUser },
  { name: 'PUT /users/:id/auth', handle: setPassword },
  { name: 'PUT /users/:id/permissions', handle: setPermissions },
  { name: 'POST /users/:id/login', handle: loginAs },
  { name: 'GET /users/:id/2fa', since: '2.13.6', handle: getSecondFactor },
  { name: 'POST /users/:id/2fa', since: '2.13.6', handle: startSecondFactor },
  { name: 'DELETE /users/:id/2fa', since: '2.13.6', handle: disableSecondFactor },
  { name: 'POST /users/:id/2fa/enable', since: '2.13.6', handle: enableSecondFactor },
  { name: 'POST /users/:id/2fa/backup-codes', since: '2.13.6', handle: renewBackupCodes },
  { name: 'GET /audit-log', handle: listAuditLog },
  { name: 'GET /audit-log/:id', handle: getAuditLogEntry },
  { name: 'GET /reports/hosts', handle: countHosts },
  { name: 'GET /settings', handle: listSettings },
  { name: 'GET /settings/:id', handle: getSetting },
  { name: 'PUT /settings/:id', handle: updateSetting },
  { name: 'GET /nginx/access-lists', handle: listAccessLists },
  { name: 'POST /nginx/access-lists', handle: createAccessList },
  { name: 'GET /nginx/access-lists/:id', handle: getAccessList },
  { name: 'PUT /nginx/access-lists/:id', handle: updateAccessList },
  { name: 'DELETE /nginx/access-lists/:id', handle: deleteAccessList },
  { name: 'GET /nginx/certificates', handle: listCertificates },
  { name: 'POST /nginx/certificates', handle: createCertificate },
  { name: 'GET /nginx/certificates/dns-providers', since: '2.13.0', handle: listDnsProviders },
  { name: 'POST /nginx/certificates/test-http', since: '2.13.0', handle: testReachability },
  { name: 'GET /nginx/certificates/test-http', before: '2.13.0', handle: testReachability },
  { name: 'POST /nginx/certificates/validate', handle: validateCertificate },
  { name: 'GET /nginx/certificates/:id', handle: getCertificate },
  { name: 'DELETE /nginx/certificates/:id', handle: deleteCertificate },
  { name: 'POST /nginx/certificates/:id/upload', handle: uploadCertificate },
  { name: 'POST /nginx/certificates/:id/renew', handle: renewCertificate },
  { name: 'GET /nginx/certificates/:id/download', handle: downloadCertificate },
  ...hostKinds.flatMap((kind): Route[] => {
    const collection = `/nginx/${kind.collection}`;
    const disable = kind.table === 'dead_host' ? disableDeadHost : disableHost;
    return [
      { name: `GET ${collection}`, handle: (call) => listHosts(call, kind) },
      { name: `POST ${collection}`, handle: (call) => createHost(call, kind) },
      { name: `GET ${collection}/:id`, handle: (call) => getHost(call, kind) },
      { name: `PUT ${collection}/:id`, handle: (call) => updateHost(call, kind) },
      { name: `DELETE ${collection}/:id`, handle: (call) => deleteHost(call, kind) },
      { name: `POST ${collection}/:id/enable`, handle: (call) => enableHost(call, kind) },
      { name: `POST ${collection}/:id/disable`, handle: (call) => disable(call, kind) },
    ];
  }),
];

async function getHealth({ core }: NpmCall): Promise<NpmAnswer> {
  const [major, minor, revision] = core.version.parts;
  const setup = core.version.isSince('2.13.0') ? { setup: !isInSetup(core) } : {};
  return ok({ status: 'OK', ...setup, version: { major, minor, revision } });
}

/** As without a way to the internet. */
async function checkVersion(): Promise<NpmAnswer> {
  return ok({ current: null, latest: null, update_available: false });
}

export type MatchedRoute = { readonly route: Route; readonly params: Record<string, string> };

/** A trailing slash on a collection counts as none. */
export function matchRoute(call: {
  version: { isSince(text: string): boolean };
  method: string;
  path: string;
}): MatchedRoute | undefined {
  const path = call.path.length > 1 ? call.path.replace(/\/$/, '') : call.path;
  for (const route of routes) {
    if (route.since !== undefined && !call.version.isSince(route.since)) continue;
    if (route.before !== undefined && call.version.isSince(route.before)) continue;
    const params = matchName(route.name, call.method, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

/** Is there anything at this path, whatever the method? */
export function isKnownPath(path: string): boolean {
  return routes.some((route) => matchName(route.name, route.name.split(' ')[0] ?? '', path) !== undefined);
}

function matchName(name: string, method: string, path: string): Record<string, string> | undefined {
  if (!name.startsWith(`${method} `)) return undefined;
  const [wanted, given] = [name.slice(method.length + 1).split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = decodeURIComponent(given[index] ?? '');
    if (part.startsWith(':')) params[part.slice(1)] = text;
    else if (part !== text) return undefined;
  }
  return params;
}
