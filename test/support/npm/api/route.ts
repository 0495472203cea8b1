import type { NpmAnswer, NpmCall } from '../npm-core.ts';

type Handler = (call: NpmCall) => Promise<NpmAnswer>;

export type Route = {
  /** `PUT /nginx/streams/:id` */
  readonly name: string;
  /** Versions before do not have it. */
  readonly since?: string;
  readonly before?: string;
  /** A token is not even looked at. */
  readonly isOpen?: boolean;
  readonly handle: Handler;
};
