// What an older engine would pass over without a word. It is refused instead, where Docker Compose refuses it.
import { compareApiVersions, multiEndpointApiVersion } from './api-version.ts';
import type { ContainerSpec } from './container-spec.ts';

type Gate = {
  readonly attribute: string;
  readonly apiVersion: string;
  readonly engine: string;
  readonly isUsed: (spec: ContainerSpec) => boolean;
};

const gates: readonly Gate[] = [
  {
    attribute: 'healthcheck.start_interval',
    apiVersion: '1.44',
    engine: 'Docker 25',
    isUsed: ({ healthcheck }) => healthcheck?.startIntervalMs !== undefined,
  },
  {
    attribute: 'mac_address of a network',
    apiVersion: multiEndpointApiVersion,
    engine: 'Docker 25',
    isUsed: ({ networks }) => networks.some(({ macAddress }) => macAddress !== undefined),
  },
  {
    attribute: 'bind.recursive: readonly',
    apiVersion: '1.44',
    engine: 'Docker 25',
    isUsed: ({ mounts }) => mounts.some((mount) => mount.kind === 'bind' && mount.recursive === 'readonly'),
  },
  {
    attribute: 'a volume of type image',
    apiVersion: '1.48',
    engine: 'Docker 28',
    isUsed: ({ mounts }) => mounts.some(({ kind }) => kind === 'image'),
  },
  {
    attribute: 'interface_name',
    apiVersion: '1.49',
    engine: 'Docker 28.1',
    isUsed: ({ networks }) => networks.some(({ interfaceName }) => interfaceName !== undefined),
  },
];

/** The first attribute that an engine of this API does not know, and what to do about it. */
export function findUnsupported(
  spec: ContainerSpec,
  apiVersion: string,
): { readonly message: string; readonly unblock: string } | undefined {
  const gate = gates.find((each) => each.isUsed(spec) && compareApiVersions(apiVersion, each.apiVersion) < 0);
  if (gate === undefined) return undefined;
  return {
    message: `${gate.attribute} needs API ${gate.apiVersion}, and this engine speaks ${apiVersion}`,
    unblock: `use ${gate.engine} or newer, or leave ${gate.attribute} out`,
  };
}
