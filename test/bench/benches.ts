import type { BenchHost } from './bench-host.ts';
import type { BenchOptions, Figure } from './figure.ts';

type Figures = Promise<readonly Figure[]>;
type OnEngine = { measure(host: BenchHost, options: BenchOptions): Figures };
type Alone = { measure(options: BenchOptions): Figures };

/** Loaded when it is run, so that none is charged with the memory of another. */
export type Bench =
  /** Needs a process of its own and no engine. */
  | { readonly kind: 'alone'; readonly load: () => Promise<Alone> }
  | { readonly kind: 'on-engine'; readonly load: () => Promise<OnEngine> };

/** By name, in the order in which they are run. */
export const benches: Readonly<Record<string, Bench>> = {
  'plan-services': { kind: 'alone', load: () => import('./plan-services.ts') },
  'load-repo': { kind: 'alone', load: () => import('./load-repo.ts') },
  'start-program': { kind: 'alone', load: () => import('./start-program.ts') },
  'first-converge': { kind: 'on-engine', load: () => import('./first-converge.ts') },
  'replace-version': { kind: 'on-engine', load: () => import('./replace-version.ts') },
  'heal-removal': { kind: 'on-engine', load: () => import('./heal-removal.ts') },
  'no-op-cycle': { kind: 'on-engine', load: () => import('./no-op-cycle.ts') },
  'idle-daemon': { kind: 'on-engine', load: () => import('./idle-daemon.ts') },
};
