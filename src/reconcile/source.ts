// The state repo as the loop sees it: the last good desired state, and what is wrong with the newest one.
// A failed or empty fetch or load never changes what is aimed at.
import type { DesiredApp, DesiredFleet, DesiredStack } from '#domain/desired.ts';
import { mergeApps } from '#domain/merge-apps.ts';
import { mergeFleet } from '#domain/merge-fleet.ts';
import { formatProblem } from '#domain/problem.ts';
import type { LoadResult } from '#manifest/load-result.ts';
import type { Clock } from '#ports/clock.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';
import { Failure } from '#ports/failure.ts';
import type { GitSnapshot, GitSource } from '#ports/git-source.ts';

export type SourceState = {
  /** The revision in force; undefined until one could be loaded. */
  readonly revision: string | undefined;
  readonly apps: readonly DesiredApp[];
  /** Undefined until one could be loaded. */
  readonly fleet: DesiredFleet | undefined;
};

export type Source = {
  current(): SourceState;
  stack(name: string): DesiredStack | undefined;
  /** Fetches and loads. Never rejects: what came of it is told, and `current` stays as it was on a failure. */
  refresh(signal: AbortSignal): Promise<SourceFetch>;
  /**
   * Loads what an earlier run left on disk, so that an outage of Git does not stop the healing of drift. What
   * cannot be read is no loss: the first fetch brings it anew.
   */
  recover(): Promise<void>;
};

export type SourceDeps = {
  readonly git: GitSource;
  readonly clock: Clock;
  readonly load: (snapshot: GitSnapshot) => Promise<LoadResult>;
};

export function createSource({ git, clock, load }: SourceDeps): Source {
  let state: SourceState = { revision: undefined, apps: [], fleet: undefined };
  let loaded: GitSnapshot | undefined;
  let loadFailure: Failure | undefined;

  /** @throws when the tree cannot be read, which says nothing of what it holds */
  async function take(snapshot: GitSnapshot): Promise<void> {
    if (snapshot === loaded) return;
    const result = await load(snapshot).catch(async (error: unknown) => {
      await git.discard();
      throw error;
    });
    loaded = snapshot;
    if (result.kind === 'invalid') {
      loadFailure = new Failure('STATE_REPO_INVALID', result.problems.map(formatProblem).join('\n'), {
        reaction: 'retry',
      });
      return;
    }
    loadFailure = undefined;
    const { fleet, apps } = result.state;
    state = {
      revision: snapshot.revision,
      apps: mergeApps(state.apps, apps),
      fleet: mergeFleet(state.fleet, fleet),
    };
  }

  return {
    current: () => state,
    stack: (name) => state.apps.flatMap((app) => app.stacks).find((stack) => stack.name === name),

    async refresh(signal) {
      const atMs = clock.nowMs();
      const startedAtMs = clock.monotonicMs();
      const before = loaded;
      const told = (rest: Pick<SourceFetch, 'result' | 'revision' | 'failure'>): SourceFetch => ({
        atMs,
        durationMs: clock.monotonicMs() - startedAtMs,
        ...rest,
      });
      try {
        const snapshot = await git.fetch(signal);
        await take(snapshot);
        if (loadFailure !== undefined) return told({ result: 'failed', failure: loadFailure });
        return told({ result: snapshot === before ? 'unchanged' : 'fetched', revision: snapshot.revision });
      } catch (error) {
        const failure = error instanceof Failure ? error : toUnexpected(error);
        return told({ result: 'failed', failure });
      }
    },

    async recover() {
      const snapshot = await git.lastFetched().catch(() => undefined);
      if (snapshot !== undefined) await take(snapshot).catch(() => undefined);
    },
  };
}

function toUnexpected(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('INTERNAL_ERROR', `unexpected: ${message}`, { reaction: 'retry', cause: error });
}
