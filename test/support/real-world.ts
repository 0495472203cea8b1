import type { TestProject } from 'vitest/node';
import { openEngine } from './engine.ts';
import { loadTestImages, removeImages, testImages } from './images.ts';

declare module 'vitest' {
  // An interface is what vitest lets one extend.
  interface ProvidedContext {
    /** By it a test gets its engine: `attachEngine(inject('engine'))`. */
    engine: { host: string; directory: string | undefined };
  }
}

/** Once for a whole run: a real engine with the test images on it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await openEngine();
  try {
    await loadTestImages(engine.host);
  } catch (error) {
    await engine.close();
    throw error;
  }
  project.provide('engine', { host: engine.host, directory: engine.directory });
  return async () => {
    if (engine.directory === undefined) await removeImages(engine.host, Object.values(testImages));
    await engine.close();
  };
}
