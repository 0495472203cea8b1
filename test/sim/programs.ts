// The images of the simulation, and what the programs in them do.

import type { Program } from '#test/support/memory-engine/memory-world.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';

export const goodImages = ['app:1', 'app:2', 'app:3', 'slow:1', 'deaf:1'] as const;
/** `late:1` fails only after every gate was passed, `sick:1` only if somebody looks at its health. */
export const badImages = ['exits:1', 'late:1', 'sick:1', 'broken:1', 'other-arch:1', 'missing:1'] as const;
export const goodJobs = ['job:1', 'job:2'] as const;
export const badJobs = ['bad-job:1'] as const;

const programs: Readonly<Record<string, Program>> = {
  'app:1': { healthyAfterMs: 1500 },
  'app:2': { healthyAfterMs: 700, stopsAfterMs: 300 },
  'app:3': { healthyAfterMs: 4000, stopsAfterMs: 2000 },
  'slow:1': { healthyAfterMs: 12_000 },
  'deaf:1': { healthyAfterMs: 500, stopsAfterMs: Number.POSITIVE_INFINITY },
  'exits:1': { healthyAfterMs: Number.POSITIVE_INFINITY, endsAfterMs: 50, exitCode: 1 },
  'late:1': { healthyAfterMs: 800, endsAfterMs: 20_000, exitCode: 1 },
  'sick:1': { healthyAfterMs: Number.POSITIVE_INFINITY },
  'broken:1': { cannotStart: 'OCI runtime create failed: exec: "/bin/app": no such file or directory' },
  'other-arch:1': { healthyAfterMs: Number.POSITIVE_INFINITY, endsAfterMs: 5, exitCode: 255 },
  'job:1': { endsAfterMs: 1500, exitCode: 0 },
  'job:2': { endsAfterMs: 6000, exitCode: 0 },
  'bad-job:1': { endsAfterMs: 900, exitCode: 3 },
};

/** Every image but `missing:1` is in the registry. */
export function publishImages(engine: MemoryEngine): void {
  for (const [image, program] of Object.entries(programs)) {
    engine.registry.set(image, `sha256:${image}`);
    engine.programs.set(`sha256:${image}`, program);
  }
}

/** The same program, built anew: another image under the same name. */
export function republish(engine: MemoryEngine, image: string, serial: number): void {
  const program = programs[image];
  if (program === undefined) return;
  engine.registry.set(image, `sha256:${image}#${serial}`);
  engine.programs.set(`sha256:${image}#${serial}`, program);
}

export function isGood(imageId: string): boolean {
  const image = imageId.replace(/^sha256:/, '').replace(/#\d+$/, '');
  return [...goodImages, ...goodJobs].some((each) => each === image);
}
