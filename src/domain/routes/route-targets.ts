// Where the services of all stacks are at present, for the routes that lead to them.

/** A service's container that holds its name; replica 1 where there are several. */
export type RouteTarget = {
  readonly stack: string;
  readonly service: string;
  readonly containerId: string;
  readonly containerName: string;
  /** It has passed a health check, of its own or of ours. */
  readonly isProven: boolean;
  /** Address in the network that is shared with the proxy; '' while it has none. */
  readonly address: string;
  /** Started and, where it has a health check, healthy. */
  readonly isReady: boolean;
  /** Ports of the Docker host that others can reach, by `<container port>/<protocol>`. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** Ports of the Docker host that it was given for routes, by their names. */
  readonly allottedPorts?: Readonly<Record<string, number>>;
};

export type RouteTargets = readonly RouteTarget[];
