import type { BuildSpec } from '#domain/build-spec.ts';
import type { PullPolicy } from '#domain/desired.ts';
import { toBuiltImage } from '../../built-image.ts';
import type { Place } from '../../place.ts';
import { parseImage } from '../../text/image-reference.ts';
import { checkBuild } from '../check-policy.ts';
import type { ComposeService } from '../project/compose-project.ts';
import type { ReadProject, StackInput } from './stack-input.ts';

export type ServiceImage = {
  /** With a tag or a digest. */
  readonly image: string;
  readonly build?: BuildSpec;
};

/** Where each service's image comes from: one that is built here serves all services that name it. */
export async function resolveImages(
  { project, place }: ReadProject,
  { deliver, policy }: StackInput,
): Promise<ReadonlyMap<string, ServiceImage>> {
  const built = new Map<string, ServiceImage>();
  const builtByName = new Map<string, string>();
  for (const [name, service] of Object.entries(project.services)) {
    if (service.build === undefined) continue;
    const at = place.at('services', name);
    checkBuild(service.build, policy, at.at('build'));
    const build = await deliver.build(name, service, at);
    if (build === undefined) continue;
    const declared = service.image ? toReference(service.image, at) : undefined;
    const tagged = { ...build, tags: [...build.tags, ...(declared === undefined ? [] : [declared])] };
    const image = toBuiltImage(toImageName(name, service, project.name), tagged);
    built.set(name, { image, build: tagged });
    if (declared !== undefined) builtByName.set(declared, image);
  }
  const found = Object.entries(project.services).map(([name, service]): [string, ServiceImage] => {
    const declared = toReference(toImageName(name, service, project.name), place.at('services', name));
    return [name, built.get(name) ?? { image: builtByName.get(declared) ?? declared }];
  });
  return new Map(found);
}

/** As Compose calls it: a built image without a name is called after its service. */
export function toImageName(name: string, { image }: ComposeService, project: string): string {
  return image || `${project}-${name}`;
}

function toReference(text: string, place: Place): string {
  return place.at('image').attempt(() => parseImage(text)) ?? text;
}

export function toPullPolicy({ pull_policy: policy }: ComposeService): PullPolicy {
  return policy === 'always' || policy === 'never' ? policy : 'missing';
}
