import { CertbotFailure, type CertificateRequest, formatCertbotCommand } from '../certbot.ts';
import { reload, removeConfig, writeConfig } from '../nginx/configure.ts';
import { certificateDirectory, renderCertificateRequest } from '../nginx/render-host.ts';
import type { Access, NpmCore } from '../npm-core.ts';
import { internalError, NpmError, notFound } from '../npm-error.ts';
import { findRow, formatTime, insertRow, patchRow, type Row, textOf } from '../npm-state.ts';
import type { KeyPair } from '../self-signed.ts';
import { authorize } from './access.ts';
import { writeAuditLog } from './audit-log.ts';
import { type CertificateInfo, readCertificate } from './certificate-files.ts';
import { dnsProviders } from './dns-providers.ts';
import { hostsWithDomains } from './domains.ts';
import { omitDeleted } from './relations.ts';

type IssuedMeta = { dns_challenge?: boolean; dns_provider?: string; key_type?: string };

/**
 * Asks for a certificate, as "letsencrypt" does. Meanwhile the hosts of its domains are out of nginx; afterwards
 * their files are back, without certificate and access list, and nginx has not been told.
 * @throws 500 with certbot's text in the debug part; the row is removed again
 */
export async function issueCertificate(
  core: NpmCore,
  access: Access,
  names: readonly string[] | undefined,
  meta: object,
): Promise<Row> {
  const actor = authorize(core, access, 'certificates', 'manage');
  if (names === undefined) throw joinOfUndefined();
  const row = insertRow(core.state, 'certificate', {
    owner_user_id: actor.user.id,
    is_deleted: false,
    provider: 'letsencrypt',
    nice_name: names.join(', '),
    domain_names: names.toSorted(),
    expires_on: formatTime(core.state, core.state.now()),
    meta,
  });
  try {
    const pair = await request(core, row, String(actor.user['email']));
    const info = storeIssued(core, row, pair);
    const answer = omitDeleted(structuredClone(row), []);
    answer['meta'] = { ...(answer['meta'] as object), letsencrypt_certificate: info };
    writeAuditLog(core, access, {
      action: 'created',
      objectType: 'certificate',
      objectId: row.id,
      meta: answer,
    });
    return answer;
  } catch (error) {
    core.state.tables.certificate.rows.delete(row.id);
    throw error;
  }
}

/** The new files, the new end. */
export function storeIssued(core: NpmCore, row: Row, pair: KeyPair): CertificateInfo {
  const directory = certificateDirectory(row.id, true, core.nginx.options);
  core.nginx.files.set(`${directory}/fullchain.pem`, pair.certificate);
  core.nginx.files.set(`${directory}/privkey.pem`, pair.key);
  const info = readCertificate(pair.certificate, 0);
  patchRow(core.state, 'certificate', row.id, { expires_on: formatTime(core.state, info.dates.to * 1000) });
  return info;
}

async function request(core: NpmCore, row: Row, email: string): Promise<KeyPair> {
  const meta = row['meta'] as IssuedMeta;
  const names = row['domain_names'] as string[];
  const hosts = hostsWithDomains(core, names);
  const requestPath = `${core.nginx.options.dataPath}/nginx/temp/letsencrypt_${row.id}.conf`;
  for (const { table, host } of hosts) removeConfig(core, table, host.id);
  const putBack = (): void => {
    core.nginx.files.delete(requestPath);
    for (const { table, host } of hosts) writeConfig(core, table, host);
  };
  try {
    if (meta.dns_challenge !== true) {
      core.nginx.files.set(requestPath, renderCertificateRequest(names, core.nginx.options));
    }
    await reload(core);
    checkDnsProvider(meta);
    const pair = await runCertbot(core, toRequest(row, email));
    core.nginx.files.delete(requestPath);
    await reload(core);
    putBack();
    return pair;
  } catch (error) {
    putBack();
    await reload(core);
    throw error;
  }
}

export function toRequest(row: Row, email: string): CertificateRequest {
  const { key_type: keyType } = row['meta'] as IssuedMeta;
  const names = row['domain_names'] as string[];
  return { id: row.id, names, email, ...(keyType === undefined ? {} : { keyType }) };
}

/** @throws 500 with certbot's text */
export async function runCertbot(core: NpmCore, asked: CertificateRequest): Promise<KeyPair> {
  try {
    return await core.certbot.issue(asked);
  } catch (error) {
    if (!(error instanceof CertbotFailure)) throw error;
    const cmd = formatCertbotCommand(asked, core.certbot.server);
    const previous = { code: 1, killed: false, signal: null, cmd };
    throw new NpmError(500, error.message, { isPublic: false, previous });
  }
}

function checkDnsProvider(meta: IssuedMeta): void {
  if (meta.dns_challenge !== true) return;
  if (!dnsProviders.some(({ id }) => id === meta.dns_provider)) throw notFound(String(meta.dns_provider));
}

function joinOfUndefined(): NpmError {
  const text = "TypeError: Cannot read properties of undefined (reading 'join')";
  return internalError(text, [
    text,
    '    at Object.create (file:///app/internal/certificate.js:122:39)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    '    at async file:///app/routes/nginx/certificates.js:78:19',
  ]);
}

/** The mail address of the user who owns it, for certbot. */
export function emailOfOwner(core: NpmCore, row: Row): string {
  return textOf(findRow(core.state, 'user', row['owner_user_id'])?.['email']);
}
