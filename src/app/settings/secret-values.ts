import type { Settings } from './settings.ts';

/** Every secret that the settings hold: what the redactor is to know. */
export function secretValues(settings: Settings): readonly string[] {
  const { repo, api, registries, npm } = settings;
  const credentials = Object.values(registries).flatMap((entry) => [entry.password, entry.identityToken]);
  const proxy = [npm.password, npm.totpSecret, ...secretsIn(npm.url)];
  const candidates = [repo.password, repo.token, api.token, ...proxy, ...credentials, ...secretsIn(repo.url)];
  return candidates.filter((value) => value !== undefined).filter((value) => value !== '');
}

/** The password in an address, or the token in the user's place; as written and as it is meant. */
function secretsIn(address: string | undefined): readonly string[] {
  const url = URL.parse(address ?? '');
  const written = url?.password || url?.username || '';
  return [written, decode(written)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
