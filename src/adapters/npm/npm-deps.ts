import type { NpmClient } from './npm-client.ts';
import type { SeenOrders } from './seen-orders.ts';

/** What the steps work with. */
export type NpmDeps = {
  readonly client: NpmClient;
  /** Whose marker is ours. */
  readonly owner: string;
  /**
   * Hosts of which nobody knows whether nginx has what their row says, by `toDoubt`: the answer to a write was
   * lost. Until a write of theirs is settled they count as never configured.
   */
  readonly doubts: Set<string>;
  readonly orders: SeenOrders;
  /** E-mail address of our account: older versions ask Let's Encrypt in the name of each request. */
  readonly identity: string;
  readonly nowMs: () => number;
  readonly addSecret: (value: string) => void;
  /** For certificates that are issued while the call lasts. */
  readonly certificateMs: number;
};

export function toDoubt({ kind, id }: { readonly kind: string; readonly id: number }): string {
  return `${kind}/${id}`;
}
