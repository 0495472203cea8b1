import type { ComposeBuild } from '../compose/project/compose-project.ts';
import type { Place } from '../place.ts';

type Refusal = { readonly message: string; readonly hint?: string };

const needsBuildKit = 'needs BuildKit; images are built by the engine itself, which cannot do it';

const refused: Readonly<Record<string, Refusal>> = {
  additional_contexts: {
    message: `additional_contexts ${needsBuildKit}`,
    hint: 'use a stage of the Dockerfile, or copy what is needed into the context',
  },
  ssh: { message: `ssh ${needsBuildKit}`, hint: 'commit what the build needs, or take it by HTTPS' },
  secrets: {
    message: `secrets of a build ${needsBuildKit}`,
    hint: 'build this image elsewhere and use it by image',
  },
  privileged: {
    message: 'a privileged build is not supported: the engine does not offer it',
    hint: 'build this image elsewhere and use it by image',
  },
  entitlements: {
    message: `entitlements ${needsBuildKit}`,
    hint: 'build this image elsewhere and use it by image',
  },
};

// What changes how an image is built and not what is in it.
const ignored = ['cache_to', 'isolation', 'provenance', 'sbom', 'ulimits'];

/** What the engine's own builder cannot do is refused by name, or told to be without effect. */
export function refuseBuildAttributes(build: ComposeBuild, place: Place): void {
  // The reader hands on every attribute that Compose knows, those without a type of their own as well.
  const attributes: Readonly<Record<string, unknown>> = build;
  for (const [attribute, { message, hint }] of Object.entries(refused)) {
    if (isGiven(attributes[attribute])) place.at(attribute).error(message, hint);
  }
  for (const attribute of ignored) {
    if (isGiven(attributes[attribute])) {
      place.at(attribute).warn(`${attribute} is without effect: images are built by the engine itself`);
    }
  }
  if ((build.platforms ?? []).length <= 1) return;
  const message = `several platforms ${needsBuildKit.replace('needs', 'need')}`;
  place.at('platforms').error(message, 'name the one that the host has');
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 'false' || value === '') {
    return false;
  }
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
