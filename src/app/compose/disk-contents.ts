import { checkFileObjects } from '#manifest/compose/stack/file-mounts.ts';
import type { StackInput } from '#manifest/compose/stack/stack-input.ts';

/**
 * Of a project on this machine, whose files are files of the host: they are mounted. What is given as text or by a
 * variable is put into the container when it has been made, and images are taken to be built already.
 */
export function createDiskContents(
  readText: (path: string) => Promise<string | undefined>,
): StackInput['deliver'] {
  return {
    async files(_name, service, { project }, place) {
      checkFileObjects(service, project, place);
      return [];
    },
    build: async () => undefined,
    readText: (path) => readText(path),
  };
}
