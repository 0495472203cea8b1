import type { DesiredAccessList } from '#domain/routes/desired-route.ts';
import type { AppFiles } from '../app-files.ts';
import { toCanonicalJson } from '../canonical-json.ts';
import type { SecretHasher } from '../hash-secret.ts';
import type { Place } from '../place.ts';
import { isIpAddress } from '../text/ip-address.ts';
import type { AccessListDocument } from './proxy-document.ts';

type ProxyScene = {
  readonly place: Place;
  /** Of the whole repo. */
  readonly files: AppFiles;
  readonly hashSecret: SecretHasher;
};

/** In name order. What is wrong is told at its place, without any password; then the result is not to be used. */
export async function resolveAccessLists(
  documents: Readonly<Record<string, AccessListDocument>>,
  scene: ProxyScene,
): Promise<readonly DesiredAccessList[]> {
  const lists: DesiredAccessList[] = [];
  for (const name of Object.keys(documents).toSorted()) {
    const document = documents[name];
    if (document === undefined) continue;
    lists.push(await resolveAccessList(name, document, { ...scene, place: scene.place.at(name) }));
  }
  return lists;
}

async function resolveAccessList(
  name: string,
  document: AccessListDocument,
  scene: ProxyScene,
): Promise<DesiredAccessList> {
  const { place } = scene;
  const { satisfy = 'all', passAuth = false } = document;
  if (name === 'none') place.error('"none" stands for no list at all', 'call it something else');
  const users = await resolveUsers(document, scene);
  const clients = resolveClients(document, place.at('clients'));
  if (users.length === 0 && clients.length === 0) {
    place.error('names nobody, and would let everyone in', 'set users or clients');
  }
  const list = { name, satisfyAny: satisfy === 'any', passAuth, users, clients };
  const content = new TextEncoder().encode(toCanonicalJson(list));
  const hash = await scene.hashSecret({ stack: '', name: `access list ${name}` }, content);
  return { ...list, generation: hash.replace(/^scrypt:/, '').slice(0, 8) };
}

async function resolveUsers({ users = {} }: AccessListDocument, scene: ProxyScene) {
  const resolved: { readonly username: string; readonly password: string }[] = [];
  for (const username of Object.keys(users).toSorted()) {
    const place = scene.place.at('users', username);
    const { password, passwordFile } = users[username] ?? {};
    if ((password === undefined) === (passwordFile === undefined)) {
      place.error('expected either password or passwordFile');
      continue;
    }
    const found = passwordFile === undefined ? password : await readPassword(passwordFile, scene, place);
    if (found === undefined) continue;
    const fault = findFault(found);
    if (fault !== undefined) place.error(fault);
    resolved.push({ username, password: found });
  }
  return resolved;
}

async function readPassword(path: string, { files }: ProxyScene, place: Place): Promise<string | undefined> {
  const result = await files.read(path);
  if (result.kind === 'read') return result.text.replace(/\r?\n$/, '');
  const message = result.kind === 'missing' ? `there is no "${path}" in the state repo` : result.message;
  place.at('passwordFile').error(message, 'files are named relative to the root of the repo');
  return undefined;
}

const maxPasswordLength = 200;

function findFault(password: string): string | undefined {
  if (password === '') return 'the password is empty';
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(password)) return 'the password has control characters in it';
  const isLong = password.length > maxPasswordLength;
  return isLong ? `the password has more than ${maxPasswordLength} characters` : undefined;
}

function resolveClients({ clients = [] }: AccessListDocument, place: Place): DesiredAccessList['clients'] {
  return clients.flatMap((client, index) => {
    const at = place.at(index);
    const { allow, deny } = client;
    if ((allow === undefined) === (deny === undefined)) {
      at.error('expected either allow or deny');
      return [];
    }
    const directive = allow === undefined ? 'deny' : 'allow';
    const address = allow ?? deny ?? '';
    if (!isAddress(address)) {
      at.at(directive).error(
        `expected an IP address, a network such as 10.0.0.0/8, or all, found "${address}"`,
      );
    }
    return [{ address, directive } as const];
  });
}

function isAddress(text: string): boolean {
  if (text === 'all') return true;
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0 || !isIpAddress(address)) return false;
  const longest = address.includes(':') ? 128 : 32;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
}
