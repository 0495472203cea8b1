import { stringify } from 'yaml';

/** An app as it is to be written. */
export type ImportedApp = {
  readonly name: string;
  /** By path inside the app's directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Variables without which it cannot run; their values are not written. */
  readonly variables: readonly string[];
  readonly notes: readonly string[];
};

/** `profiles` and the like are left to the human; so is the decision to take over what runs. */
export function formatAppFile(name: string): string {
  const document = { apiVersion: 'shorefast/v1', kind: 'App', metadata: { name }, spec: {} };
  const advice = [
    '  # Take over what Docker Compose runs under this name, without a restart where it is as declared;',
    '  # `shorefast plan` tells what would be replaced:',
    '  # adopt: true',
  ];
  return `${stringify(document).replace('spec: {}\n', 'spec:\n')}${advice.join('\n')}\n`;
}

/** Names without values: values belong into variables of the fleet or the stage, or into an .env of one's own. */
export function formatEnvExample(variables: readonly string[]): string {
  return [
    '# Needed, and not written down here. Set them in .env beside this file or in app.yaml.',
    ...variables.map((name) => `${name}=`),
    '',
  ].join('\n');
}

export function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
