import type { BuildSpec } from '#domain/build-spec.ts';
import { Failure, type Reaction } from './failure.ts';

export type BuildContexts = {
  /**
   * The tar stream that an engine takes for a build context: what `.dockerignore` leaves of the directory,
   * with an inline Dockerfile under the name that comes with it.
   * @throws BuildContextError, also half-way through the stream
   */
  open(build: BuildSpec, signal: AbortSignal): Promise<BuildContext>;
};

export type BuildContext = {
  /** Where in the stream the Dockerfile stands. */
  readonly dockerfile: string;
  readonly archive: AsyncIterable<Uint8Array>;
};

export type BuildContextErrorCode =
  /** The state repo moved on between the decision and the build; the next look decides anew. */
  | 'BUILD_CONTEXT_GONE'
  | 'BUILD_CONTEXT_TOO_LARGE'
  | 'BUILD_DOCKERFILE_MISSING'
  | 'BUILD_DOCKERIGNORE_INVALID';

export class BuildContextError extends Failure {
  override readonly name = 'BuildContextError';
  declare readonly code: BuildContextErrorCode;

  constructor(code: BuildContextErrorCode, message: string, reaction: Reaction = 'stall') {
    super(code, message, { reaction });
  }
}
