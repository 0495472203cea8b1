/** What is seen of a request before it is done. */
export type NpmRequest = {
  readonly method: string;
  /** With `/api`, without the query: `/api/nginx/proxy-hosts/3`. */
  readonly path: string;
  readonly query: string;
  /** Parsed when it was JSON. */
  readonly body: unknown;
};

/** A request and what came of it. */
export type RecordedNpmCall = NpmRequest & {
  /** 0 when no answer was given. */
  readonly status: number;
  readonly answer: unknown;
};

/** What befalls a request that matches. */
export type NpmFault = {
  readonly matches?: (request: NpmRequest) => boolean;
  /**
   * - `refuse`: the connection is cut, nothing is done
   * - `lose`: it is done, then the connection is cut without an answer
   * - `cut`: it is done, the answer ends in the middle
   * - `fail`: nothing is done, `status` is answered (502 as HTML, like nginx in front of a dead back end)
   * - `fail-done`: it is done, `status` is answered all the same
   * - `slow`: it is done and answered after `delayMs`
   * - `slow-answer`: it is done at once and answered after `delayMs`
   * - `expire`: its token has expired
   * - `none`: only `before` and `after` are called
   */
  readonly kind:
    | 'refuse'
    | 'lose'
    | 'cut'
    | 'fail'
    | 'fail-done'
    | 'slow'
    | 'slow-answer'
    | 'expire'
    | 'none';
  readonly status?: number;
  readonly delayMs?: number;
  /** How many matching requests pass first: 2 strikes the third. */
  readonly skip?: number;
  /** How often it strikes; 1 when absent, `Number.POSITIVE_INFINITY` for ever. */
  readonly times?: number;
  /** Called before the request is done: a place to kill the client. */
  readonly before?: (request: NpmRequest) => void | Promise<void>;
  /** Called after it was done, before it is answered. */
  readonly after?: (request: NpmRequest) => void | Promise<void>;
};

export type NpmFaults = {
  /** The first fault that matches strikes. Gives a function that takes it away. */
  add(fault: NpmFault): () => void;
  clear(): void;
  /** Counts the request; what strikes it, if anything. */
  strike(request: NpmRequest): NpmFault | undefined;
};

export function createFaults(): NpmFaults {
  let pending: { fault: NpmFault; skip: number; left: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, skip: fault.skip ?? 0, left: fault.times ?? 1 };
      pending.push(entry);
      return () => {
        pending = pending.filter((one) => one !== entry);
      };
    },
    clear() {
      pending = [];
    },
    strike(request) {
      for (const entry of pending) {
        if (entry.left <= 0 || entry.fault.matches?.(request) === false) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        return entry.fault;
      }
      return undefined;
    },
  };
}

/** Does it change anything? Logging in does not. */
export function isWrite(request: NpmRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !request.path.startsWith('/api/tokens');
}
