/**
 * What the loop is to do about a failure:
 * `retry` with backoff, or `stall`: nothing will change until Git, a setting or a human does.
 */
export type Reaction = 'retry' | 'stall';

/**
 * A failure that was to be expected from something outside. `code` is permanent and upper snake;
 * the message is for people and carries no secret.
 */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly code: string;
  readonly reaction: Reaction;

  constructor(code: string, message: string, options: { reaction: Reaction; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.reaction = options.reaction;
  }
}
