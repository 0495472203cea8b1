import type { RestartPolicy } from '#domain/container-spec.ts';
import { InvalidValue } from '../../place.ts';
import { parseInteger } from '../../text/parse-typed.ts';
import type { ComposeService } from '../project/compose-project.ts';

const names: Readonly<Record<string, RestartPolicy['name']>> = {
  '': '',
  no: 'no',
  none: 'no',
  always: 'always',
  any: 'always',
  'unless-stopped': 'unless-stopped',
  'on-failure': 'on-failure',
};

/** `deploy.restart_policy` goes before `restart`. @throws InvalidValue */
export function toRestart({ restart = '', deploy }: ComposeService): RestartPolicy {
  const policy = deploy?.restart_policy;
  if (policy !== undefined) {
    return { name: toName(policy.condition ?? ''), maxRetries: policy.max_attempts ?? 0 };
  }
  const [name = '', retries] = restart.split(':');
  return { name: toName(name), maxRetries: retries === undefined ? 0 : parseInteger(retries, 0) };
}

function toName(text: string): RestartPolicy['name'] {
  const name = Object.hasOwn(names, text) ? names[text] : undefined;
  if (name !== undefined) return name;
  throw new InvalidValue(
    `invalid restart policy "${text}": expected no, always, unless-stopped or on-failure[:retries]`,
  );
}
