/**
 * What a writer of the state repo may ask of the host. It comes from the daemon's own settings, never from
 * the repo, because whoever can set it owns the host.
 */
export type HostPolicy = {
  /**
   * Besides `privileged` itself what comes close to it: devices, other namespaces of the host, what belongs to
   * foreign containers, looser security options, runtimes and annotations, which direct them.
   */
  readonly allowPrivileged: boolean;
  /** `network_mode: host`, and the network of a foreign container; for a build as well. */
  readonly allowHostNetwork: boolean;
  /** Building an image runs commands of the repo's writers on the host's engine. */
  readonly allowBuild: boolean;
  /** Capabilities that may be added; `ALL` allows every one. */
  readonly allowedCapabilities: readonly string[];
  /** Absolute paths; a bind mount's source must be one of them or lie below one. */
  readonly allowedBindPaths: readonly string[];
  /** Raw nginx configuration in routes, which can serve files of the proxy and break it for everyone. */
  readonly allowAdvancedNginx: boolean;
};
