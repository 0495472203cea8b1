import type { BuildSpec } from '#domain/build-spec.ts';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import type { Place } from '../../place.ts';
import type { ComposeProject, ComposeService } from '../project/compose-project.ts';

/** What a service takes from the files of the state repo. What is wrong is told at the service's place. */
export type DeliverContents = {
  files(
    name: string,
    service: ComposeService,
    read: { readonly project: ComposeProject; readonly values: ReadonlyMap<string, string> },
    place: Place,
  ): Promise<readonly DeliveredFile[]>;
  build(name: string, service: ComposeService, place: Place): Promise<BuildSpec | undefined>;
  readText(path: string, place: Place): Promise<string | undefined>;
};
