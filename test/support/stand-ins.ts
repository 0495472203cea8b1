import { openDirectoryTree } from '#adapters/directory/directory-tree.ts';
import type { DesiredApp, DesiredService } from '#domain/desired.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { findImageId, loadStandIns } from './images.ts';
import { openPolicy } from './manifest-input.ts';

/** What a state repo in a directory declares; problems are an error. */
export async function loadAppsOf(directory: string): Promise<readonly DesiredApp[]> {
  const result = await loadDesiredState({ tree: await openDirectoryTree(directory), policy: openPolicy });
  const problems =
    result.kind === 'loaded' ? result.state.apps.flatMap((app) => app.problems) : result.problems;
  const [problem] = problems.filter(({ severity }) => severity === 'error');
  if (result.kind !== 'loaded' || problem !== undefined) {
    throw new Error(`${directory} cannot be loaded: ${problem?.file}: ${problem?.message}`);
  }
  return result.state.apps;
}

/** Every image that is declared, once, in order. */
export function listImages(apps: readonly DesiredApp[]): readonly string[] {
  return [...new Set(servicesOf(apps).map(({ spec }) => spec.image))].toSorted();
}

/** Those of the names that the engine does not have. */
export async function findMissingImages(host: string, names: readonly string[]): Promise<readonly string[]> {
  const ids = await Promise.all(names.map((name) => findImageId(host, name)));
  return names.filter((_, index) => ids[index] === undefined);
}

/** Loads one image under all the names, that passes every health check the apps declare. */
export async function loadStandInsFor(
  host: string,
  apps: readonly DesiredApp[],
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const services = servicesOf(apps);
  const urls = services.flatMap(({ spec }) => findOwnUrls(spec.healthcheck?.test ?? []));
  const ports = services.flatMap(({ spec }) => spec.ports.map(({ containerPort }) => containerPort));
  await loadStandIns(host, names, {
    ports: [...new Set([80, 8080, ...ports, ...urls.map(({ port }) => Number(port || 80))])],
    paths: [...new Set(urls.map(({ pathname }) => pathname).filter((path) => path !== '/'))],
    programs: [...new Set(services.flatMap(({ spec }) => findOwnProgram(spec.healthcheck?.test ?? [])))],
  });
}

function servicesOf(apps: readonly DesiredApp[]): readonly DesiredService[] {
  return apps.flatMap((app) => app.stacks.flatMap((stack) => stack.services));
}

/** What a health check asks of its own container. */
function findOwnUrls(test: readonly string[]): readonly URL[] {
  const texts = test.join(' ').match(/http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\/[\w./-]*)?/g) ?? [];
  return texts.map((text) => new URL(text));
}

/** What a health check runs without a shell. */
function findOwnProgram([kind, program]: readonly string[]): readonly string[] {
  return kind === 'CMD' && program !== undefined ? [program] : [];
}
