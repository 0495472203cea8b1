// A health check that Shorefast makes itself, until a container has proved that it does its work.

export type Probe = {
  readonly check: ProbeCheck;
  /** Between the end of one attempt and the next. */
  readonly intervalMs: number;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Names the check; of the same id, it is the same one. Made of no secret. */
  readonly id: string;
};

export type ProbeCheck =
  /** The container's own health check decides; there must be one. */
  | { readonly kind: 'docker' }
  | {
      readonly kind: 'http';
      readonly scheme: 'http' | 'https';
      readonly port: number;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      /** An answer within one of them is good; both ends count. */
      readonly status: readonly StatusRange[];
      readonly followRedirects: boolean;
    }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | {
      readonly kind: 'mqtt';
      readonly port: number;
      /** One message here, a retained one too, is what is waited for. */
      readonly topic: string;
      readonly username?: string;
      readonly password?: string;
    };

export type StatusRange = { readonly from: number; readonly to: number };

/** Something to ask a container now, or when it is due. */
export type ProbeRequest = {
  readonly container: { readonly id: string; readonly name: string };
  readonly check: Exclude<ProbeCheck, { kind: 'docker' }>;
  /** Where it can be reached; undefined when it has no address of its own. */
  readonly address: string | undefined;
  readonly timeoutMs: number;
  /** Tells one run of the container from the next: what it said before is of no use then. */
  readonly run: string;
  readonly dueAtMs: number;
};

export type ProbeAnswer = {
  readonly ok: boolean;
  /** What was seen: one line of ours, then what the other side said. */
  readonly output: string;
};

/** The last answer of a container. */
export type ProbeResult = ProbeAnswer & {
  readonly run: string;
  readonly atMs: number;
  /** Since when this run has been asked: from here its deadline counts. */
  readonly sinceMs: number;
};

/** By container id; `all`: nothing is asked, and whatever runs counts as having passed. */
export type ProbeResults = Readonly<Record<string, ProbeResult>> | 'all';
