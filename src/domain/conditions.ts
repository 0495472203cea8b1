/** Permanent words of our API; a condition's `reason` is CamelCase and permanent too. */
export type ConditionType = 'Ready' | 'Reconciling' | 'Stalled' | 'Healthy' | 'Drifted';

export type Condition = {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  /** When `status` last changed. */
  readonly sinceMs: number;
  readonly retryAtMs?: number;
  /** What would make it better, when something would. */
  readonly unblock?: string;
};
