import type { BuildSpec } from '#domain/build-spec.ts';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import type { Place } from '../../place.ts';
import type { ComposeProject, ComposeService } from '../project/compose-project.ts';

/** Contents of the state repo that a service needs in its container, and how its image is built. */
export type DeliverContents = {
  /** Read-only binds of relative paths, and configs and secrets from a relative file, content or a variable. */
  files(
    name: string,
    service: ComposeService,
    read: { readonly project: ComposeProject; readonly values: ReadonlyMap<string, string> },
    place: Place,
  ): Promise<readonly DeliveredFile[]>;
  /** Undefined where nothing is built by us: the image has to be there, or to be pulled. */
  build(name: string, service: ComposeService, place: Place): Promise<BuildSpec | undefined>;
  /** A seccomp profile and the like, by its path as it is written. Undefined when there is no such file. */
  readText(path: string, place: Place): Promise<string | undefined>;
};
