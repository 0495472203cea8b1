import type { Place } from '../../place.ts';
import type { DeliverContents } from './deliver-contents.ts';

/** As the engine takes them: a seccomp profile that is named by its file is put in its place. */
export async function resolveSecurityOptions(
  options: readonly string[],
  deliver: DeliverContents,
  place: Place,
): Promise<readonly string[]> {
  const resolved: string[] = [];
  for (const [index, option] of options.entries()) {
    resolved.push(await resolveOption(option, deliver, place.at(index)));
  }
  return resolved;
}

async function resolveOption(option: string, deliver: DeliverContents, place: Place): Promise<string> {
  const [, name, value] = /^([^=:]*)(?:[=:](.*))?$/s.exec(option) ?? [];
  if (value === undefined && option !== 'no-new-privileges') {
    place.error(`invalid security option "${option}"`, 'expected name=value or name:value');
    return option;
  }
  const isFile = name === 'seccomp' && value !== 'unconfined' && value !== 'builtin';
  if (!isFile || value === undefined) return option;
  const profile = await deliver.readText(value, place);
  if (profile === undefined) {
    place.error(`the seccomp profile ${value} cannot be read`);
    return option;
  }
  return `seccomp=${compactJson(profile, value, place)}`;
}

/** Without white space between its tokens; everything else as it is written. */
function compactJson(text: string, path: string, place: Place): string {
  try {
    JSON.parse(text);
  } catch {
    place.error(`the seccomp profile ${path} is not JSON`);
  }
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/gs, '$1');
}
