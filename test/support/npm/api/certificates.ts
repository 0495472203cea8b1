import { setTimeout as sleep } from 'node:timers/promises';
import { certificateDirectory } from '../nginx/render-host.ts';
import { type Access, type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { NpmError, notFound, refuse } from '../npm-error.ts';
import { findRow, formatTime, insertRow, liveRows, patchRow, type Row } from '../npm-state.ts';
import { authorize, isVisible } from './access.ts';
import { type AuditEntry, writeAuditLog } from './audit-log.ts';
import {
  type CertificateInfo,
  checkKey,
  fileNames,
  isProtectedKey,
  readCertificate,
} from './certificate-files.ts';
import { dnsProviders } from './dns-providers.ts';
import { readExpand } from './expand.ts';
import { emailOfOwner, issueCertificate, runCertbot, storeIssued, toRequest } from './issue-certificate.ts';
import { parseId, readId } from './parse-id.ts';
import { expandRow, omitDeleted } from './relations.ts';

const expansions = ['owner', 'proxy_hosts', 'redirection_hosts', 'dead_hosts', 'streams'];

export async function listCertificates(call: NpmCall): Promise<NpmAnswer> {
  const actor = authorize(call.core, call.access, 'certificates', 'view');
  const expand = readExpand(call.query, expansions) ?? {};
  const query = call.query.get('query')?.toLowerCase() ?? '';
  const rows = liveRows(call.core.state, 'certificate')
    .filter((row) => isVisible(actor, row) && String(row['nice_name']).toLowerCase().includes(query))
    .toSorted((left, right) =>
      Buffer.compare(Buffer.from(String(left['nice_name'])), Buffer.from(String(right['nice_name']))),
    );
  return ok(rows.map((row) => toAnswer(expandRow(call.core, 'certificate', row, expand))));
}

/** The private key of a custom certificate stands in it, for whoever may see the certificate. */
export async function getCertificate(call: NpmCall): Promise<NpmAnswer> {
  const row = seenCertificate(call, parseId(call.params['id'] ?? ''), 'view');
  const expand = readExpand(call.query, expansions) ?? {};
  return ok(toAnswer(expandRow(call.core, 'certificate', row, expand)));
}

export async function createCertificate(call: NpmCall): Promise<NpmAnswer> {
  const { core, access, body } = call;
  if (body['provider'] === 'letsencrypt') {
    const names = body['domain_names'] as string[] | undefined;
    return { status: 201, body: await issueCertificate(core, access, names, (body['meta'] ?? {}) as object) };
  }
  const actor = authorize(core, access, 'certificates', 'manage');
  const row = insertRow(core.state, 'certificate', {
    owner_user_id: actor.user.id,
    is_deleted: false,
    expires_on: formatTime(core.state, core.state.now()),
    domain_names: [],
    meta: {},
    nice_name: '',
    ...body,
  });
  const answer = toAnswer(structuredClone(row));
  log(core, access, 'created', row);
  return { status: 201, body: answer };
}

/** Neither does this reload nginx, nor does it ask whether key and certificate belong together. */
export async function uploadCertificate(call: NpmCall): Promise<NpmAnswer> {
  const { core, files } = call;
  if (files === undefined) return noFiles;
  const row = seenCertificate(call, readId(call.params['id']), 'manage');
  if (row['provider'] !== 'other') throw refuse('Cannot upload certificates for this type of provider');
  const checked = await checkFiles(core, files);
  if (checked.certificate === undefined) throw refuse('Certificate file was not provided');
  const given = Object.fromEntries([...files].filter(([name]) => fileNames.includes(name)));
  const meta = { ...(row['meta'] as Record<string, string>), ...given };
  patchRow(core.state, 'certificate', row.id, {
    expires_on: formatTime(core.state, checked.certificate.dates.to * 1000),
    domain_names: checked.certificate.cn === undefined ? [] : [checked.certificate.cn],
    meta,
  });
  log(core, call.access, 'updated', row);
  writeFiles(core, row.id, meta);
  return ok(Object.fromEntries(Object.entries(meta).filter(([name]) => fileNames.includes(name))));
}

function writeFiles(core: NpmCore, id: number, meta: Readonly<Record<string, string>>): void {
  const directory = certificateDirectory(id, false, core.nginx.options);
  const { certificate, certificate_key: key, intermediate_certificate: intermediate } = meta;
  const chain = intermediate === undefined ? certificate : `${certificate}\n${intermediate}`;
  core.nginx.files.set(`${directory}/fullchain.pem`, String(chain));
  core.nginx.files.set(`${directory}/privkey.pem`, String(key));
}

/** `POST …/validate`: needs a token that is none at all, or a good one. */
export async function validateCertificate(call: NpmCall): Promise<NpmAnswer> {
  return call.files === undefined ? noFiles : ok(await checkFiles(call.core, call.files));
}

type Checked = {
  certificate?: CertificateInfo;
  certificate_key?: boolean;
  intermediate_certificate?: CertificateInfo;
};

async function checkFiles(core: NpmCore, files: ReadonlyMap<string, string>): Promise<Checked> {
  const [certificate, key, intermediate] = fileNames.map((name) => files.get(name));
  if (key !== undefined && isProtectedKey(key)) {
    await sleep(core.keyCheckTimeoutMs);
    core.crash();
  }
  const nowMs = core.state.now();
  const checked: Checked = {};
  if (certificate !== undefined) checked.certificate = readCertificate(certificate, nowMs);
  if (key !== undefined) checkKey(key);
  if (key !== undefined) checked.certificate_key = true;
  if (intermediate !== undefined) checked.intermediate_certificate = readCertificate(intermediate, nowMs);
  return checked;
}

export async function renewCertificate(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  const row = seenCertificate(call, readId(call.params['id']), 'manage');
  if (row['provider'] !== 'letsencrypt') throw refuse("Only Let'sEncrypt certificates can be renewed");
  storeIssued(core, row, await runCertbot(core, toRequest(row, emailOfOwner(core, row))));
  log(core, call.access, 'renewed', row);
  return ok(structuredClone(row));
}

export async function downloadCertificate(call: NpmCall): Promise<NpmAnswer> {
  const row = seenCertificate(call, readId(call.params['id']), 'view');
  if (row['provider'] !== 'letsencrypt') throw refuse("Only Let'sEncrypt certificates can be downloaded");
  const directory = certificateDirectory(row.id, true, call.core.nginx.options);
  const certificate = call.core.nginx.files.get(`${directory}/fullchain.pem`);
  if (certificate === undefined) throw notFound(`Certificate ${row['nice_name']} does not exists`);
  return ok(Buffer.from(`PK\u0003\u0004${certificate}`));
}

/** Hosts keep the id. The files of an issued one go with it, so that nginx refuses everything afterwards. */
export async function deleteCertificate(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  const row = seenCertificate(call, readId(call.params['id']), 'manage');
  patchRow(core.state, 'certificate', row.id, { is_deleted: true });
  log(core, call.access, 'deleted', row);
  if (row['provider'] === 'letsencrypt') {
    const directory = certificateDirectory(row.id, true, core.nginx.options);
    for (const file of ['fullchain.pem', 'privkey.pem']) core.nginx.files.delete(`${directory}/${file}`);
  }
  return ok(true);
}

export async function listDnsProviders(call: NpmCall): Promise<NpmAnswer> {
  if (call.access.token === undefined) throw new NpmError(403, 'Permission Denied');
  return ok(dnsProviders);
}

/** What the double answers to everything: nobody on the internet can see it. */
export async function testReachability(call: NpmCall): Promise<NpmAnswer> {
  authorize(call.core, call.access, 'certificates', 'view');
  const domains = (call.body['domains'] ?? readDomains(call.query)) as string[];
  return ok(Object.fromEntries(domains.map((domain) => [domain, 'failed'])));
}

function readDomains(query: URLSearchParams): string[] {
  return JSON.parse(query.get('domains') ?? '[]') as string[];
}

const noFiles: NpmAnswer = { status: 400, body: { error: 'No files were uploaded' } };

function seenCertificate(call: NpmCall, id: number, need: 'view' | 'manage'): Row {
  const actor = authorize(call.core, call.access, 'certificates', need);
  const row = findRow(call.core.state, 'certificate', id);
  if (row === undefined || !isVisible(actor, row)) throw notFound(id);
  return row;
}

function toAnswer(row: Row): Row {
  const { dns_provider_credentials: _secret, ...meta } = row['meta'] as Record<string, unknown>;
  row['meta'] = meta;
  return omitDeleted(row, expansions);
}

function log(core: NpmCore, access: Access, action: AuditEntry['action'], row: Row): void {
  const copy = toAnswer(structuredClone(row));
  copy['meta'] = Object.fromEntries(
    Object.entries(copy['meta'] as object).map(([name, value]) => [name, fileNames.includes(name) || value]),
  );
  writeAuditLog(core, access, { action, objectType: 'certificate', objectId: row.id, meta: copy });
}
