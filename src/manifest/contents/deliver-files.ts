import type { DeliveredFile } from '#domain/delivered-file.ts';
import type { ComposeService } from '../compose/project/compose-project.ts';
import type { Place } from '../place.ts';
import { deliverBinds } from './deliver-binds.ts';
import { deliverFileMounts, type FileMountContext } from './deliver-file-mounts.ts';
import { checkTargets } from './deliver-targets.ts';

/** What is put into the containers of a service, by target. What is wrong is told at the service's place. */
export async function deliverFiles(
  service: ComposeService,
  context: FileMountContext,
  place: Place,
): Promise<readonly DeliveredFile[]> {
  const placed = [
    ...(await deliverFileMounts(service, context, place)),
    ...(await deliverBinds(service, context, place)),
  ];
  checkTargets(placed, service);
  return placed.map(({ file }) => file).toSorted((a, b) => (a.target < b.target ? -1 : 1));
}
