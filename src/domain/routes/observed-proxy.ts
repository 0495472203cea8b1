// What a reverse proxy says, in our own types: normalised, so that equal objects compare equal whatever the
// version of the proxy that told of them.

export type ObservedProxy = {
  /** `2.15.1` */
  readonly version: string;
  readonly hosts: readonly ObservedHostEntry[];
  readonly accessLists: readonly ObservedAccessList[];
  readonly certificates: readonly ObservedCertificate[];
  /** Kinds that our account may not see: nothing is known of them, which is not that there are none. */
  readonly hidden?: readonly (HostKind | 'access-list' | 'certificate')[];
};

export type HostKind = 'proxy-host' | 'redirection-host' | 'dead-host' | 'stream';

/** A proxy, redirection or 404 host, or a stream. */
export type ObservedHostEntry = {
  readonly kind: HostKind;
  readonly id: number;
  readonly body: HostBody;
  readonly enabled: boolean;
  /** Whether nginx has taken it; undefined: never configured. */
  readonly online: boolean | undefined;
  /** Of nginx, when it refused it. */
  readonly nginxError?: string;
  /** Absent: nobody's. */
  readonly marker?: RouteMarker;
  /** All other keys of `meta`, which a write has to bring along. */
  readonly otherMeta: Readonly<Record<string, unknown>>;
};

/**
 * Kept in the `meta` of what is ours. All state that a restart needs is in here, so that the loss of the data
 * directory loses no route.
 */
export type RouteMarker = {
  readonly owner: string;
  /** '' for a route of the fleet. */
  readonly stack: string;
  readonly route: string;
  /** Of the declaration that was written last. */
  readonly generation: string;
  /** The container that it led to, for upstreams that nginx resolves only when it reloads. */
  readonly target?: string;
  /** What nginx refused, of `toAttempt`; the body is the last one that was good. */
  readonly refused?: string;
  /** What nginx said to it; one line. */
  readonly refusedBecause?: string;
  /**
   * What nginx served before, for as long as it is not known whether it takes what was written over that. It may be
   * the same: then an order of a certificate has the host out of nginx.
   */
  readonly previous?: PreviousBody;
};

export type PreviousBody = {
  readonly body: HostBody;
  readonly generation: string;
  readonly target?: string;
};

/** One declaration for one container: another of either is another attempt. */
export function toAttempt({ generation, target }: Pick<RouteMarker, 'generation' | 'target'>): string {
  return target === undefined ? generation : `${generation} ${target}`;
}

/** What is written, and what is compared. */
export type HostBody = ProxyHostBody | RedirectionHostBody | DeadHostBody | StreamBody;

type HostNames = {
  /** In small letters, sorted, each once. */
  readonly domains: readonly string[];
  /** 0: none. */
  readonly certificateId: number;
  readonly forceSsl: boolean;
  readonly http2: boolean;
  readonly hsts: boolean;
  readonly hstsSubdomains: boolean;
  readonly advanced: string;
};

export type ProxyHostBody = HostNames & {
  readonly kind: 'proxy-host';
  readonly scheme: 'http' | 'https';
  readonly forwardHost: string;
  readonly forwardPort: number;
  /** 0: none. */
  readonly accessListId: number;
  readonly cacheAssets: boolean;
  readonly blockExploits: boolean;
  readonly websockets: boolean;
  readonly trustForwardedProto: boolean;
  readonly locations: readonly LocationBody[];
};

export type LocationBody = {
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly forwardHost: string;
  readonly forwardPort: number;
  /** '' when not set. */
  readonly forwardPath: string;
  readonly advanced: string;
};

export type RedirectionHostBody = HostNames & {
  readonly kind: 'redirection-host';
  readonly scheme: 'auto' | 'http' | 'https';
  readonly code: number;
  readonly toHost: string;
  readonly preservePath: boolean;
  readonly blockExploits: boolean;
};

export type DeadHostBody = HostNames & { readonly kind: 'dead-host' };

export type StreamBody = {
  readonly kind: 'stream';
  readonly listen: number;
  readonly forwardHost: string;
  readonly forwardPort: number;
  readonly tcp: boolean;
  readonly udp: boolean;
  readonly certificateId: number;
};

export type ObservedAccessList = {
  readonly id: number;
  readonly name: string;
  readonly satisfyAny: boolean;
  readonly passAuth: boolean;
  /** Absent where the listing does not tell. Never a password. */
  readonly usernames?: readonly string[];
  /** By user, of `toPasswordMark`, as far as the proxy tells. */
  readonly passwordMarks?: Readonly<Record<string, string>>;
  readonly clients?: readonly { readonly address: string; readonly directive: 'allow' | 'deny' }[];
};

export type ObservedCertificate = {
  readonly id: number;
  readonly provider: 'letsencrypt' | 'other';
  readonly name: string;
  readonly domains: readonly string[];
  /** Undefined: an empty row, never filled. */
  readonly expiresAtMs: number | undefined;
  /** Whether it has its files, as far as the answer tells. */
  readonly isFilled: boolean;
  /** Let's Encrypt is being asked for it, as far as anybody can tell. */
  readonly isOrdered?: boolean;
};
