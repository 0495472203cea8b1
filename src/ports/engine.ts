import type { ContainerDetails, ObservedHost } from '#domain/observed.ts';
import type { Step } from '#domain/plan.ts';
import { Failure, type Reaction } from './failure.ts';

export type EngineInfo = {
  /** `20.10.24` */
  readonly version: string;
  /** As negotiated: `1.41`. */
  readonly apiVersion: string;
  /** From API 1.44 on, a container can be given all its networks at create. */
  readonly multiEndpointCreate: boolean;
};

/** A reason to look again, nothing more: correctness comes from listing. */
export type EngineEvent = {
  /** The container it is about, when there is one. */
  readonly containerId?: string;
  readonly action: string;
  /** Of a container that ended (`die`). */
  readonly exitCode?: number;
  readonly type: string;
  /** The `shorefast.stack` label, where the engine passes labels on. */
  readonly stack?: string;
  /** The Compose project, where the engine passes labels on. */
  readonly project?: string;
};

export type StepResult = {
  /** What the engine remarked although it did as asked. */
  readonly warnings: readonly string[];
};

export type ExecResult = {
  readonly exitCode: number;
  /** The beginning of what it wrote, errors included. */
  readonly output: string;
};

/** One Docker Engine (or what speaks its API). Every call ends by its own deadline or by the signal. */
export type Engine = {
  /** @throws EngineError */
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** Four list calls (containers, networks, volumes, images), never an inspect. @throws EngineError */
  observe(signal: AbortSignal): Promise<ObservedHost>;
  /** Undefined when the container is gone. @throws EngineError */
  inspect(containerId: string, signal: AbortSignal): Promise<ContainerDetails | undefined>;
  /** The last lines that a container wrote, oldest first. @throws EngineError */
  readLogs(containerId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Runs a command in a running container and waits for its end. A deadline ends the waiting, not the command: an
   * engine cannot stop it. @throws EngineError
   */
  exec(containerId: string, command: readonly string[], signal: AbortSignal): Promise<ExecResult>;
  /**
   * Runs one step: one call (a pull is one call and one look at its result). Having nothing left to do
   * (already started, already gone) is success. @throws EngineError
   */
  run(step: Step, signal: AbortSignal): Promise<StepResult>;
  /** Delivers events until the signal fires or the stream breaks; then it ends or throws. */
  watch(onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void>;
  /** Lets go of idle connections. */
  close(): void;
};

export type EngineErrorCode =
  | 'ENGINE_UNREACHABLE'
  | 'ENGINE_TIMEOUT'
  | 'ENGINE_API_TOO_OLD'
  | 'ENGINE_NOT_FOUND'
  | 'ENGINE_CONFLICT'
  | 'ENGINE_INVALID_REQUEST'
  | 'ENGINE_PORT_TAKEN'
  | 'ENGINE_FAILED'
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_ACCESS_DENIED'
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_RATE_LIMITED'
  | 'BUILD_FAILED';

export class EngineError extends Failure {
  override readonly name = 'EngineError';
  declare readonly code: EngineErrorCode;
  /** The engine's HTTP status, where it answered. */
  readonly status: number | undefined;

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { reaction?: Reaction; status?: number; cause?: unknown } = {},
  ) {
    super(code, message, { reaction: options.reaction ?? 'retry', cause: options.cause });
    this.status = options.status;
  }
}
