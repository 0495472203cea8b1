import { InvalidValue } from '../place.ts';
import { parseHost } from './host-name.ts';

export const defaultSubdomainPattern = 'stage-{stage}-{app}';

export type HostParts = {
  readonly domain: string | undefined;
  readonly pattern: string;
  readonly app: string;
  readonly stage: string | undefined;
  /** As the stage or the app says; wins over the pattern. */
  readonly subdomain: string | undefined;
};

/** `stage-rel-launcher.example.com`. @throws InvalidValue */
export function toDefaultHost({ domain, pattern, app, stage, subdomain }: HostParts): string {
  if (domain === undefined) {
    throw new InvalidValue('which host?', 'set host, or spec.domain in fleet.yaml');
  }
  return parseHost(`${subdomain ?? fillPattern(pattern, app, stage)}.${domain}`);
}

/** Without a stage, a pattern that names one is nothing but the app. */
function fillPattern(pattern: string, app: string, stage: string | undefined): string {
  const chosen = stage === undefined && pattern.includes('{stage}') ? '{app}' : pattern;
  // Names of apps and stages may have underscores, those of hosts may not.
  return chosen
    .replaceAll('{app}', () => app)
    .replaceAll('{stage}', () => stage ?? '')
    .replaceAll('_', '-');
}
