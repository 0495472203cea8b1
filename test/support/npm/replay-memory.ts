import type { TestNpm } from './start-npm.ts';

/** What the replay carries from answer to answer. */
export type ReplayMemory = {
  readonly npm: TestNpm;
  /** By whose they are: `admin`, `robo`, `short` (expires at once), … */
  readonly tokens: Map<string, string>;
  /** Whose token `Bearer <token>` means. */
  actor: string;
  totpSecret: string;
  backupCode: string;
  readonly clock: { offsetMs: number };
};
