// Routes as Git declares them, resolved: host names in full, defaults filled in. Made by `manifest`.
import type { DeclaredAt } from '../problem.ts';

export type DesiredRoute = HttpRoute | StreamRoute | RedirectRoute | NotFoundRoute;

type RouteBase = {
  /** Unique in its stack: as declared, else the first host name, or `tcp-<listen>`. */
  readonly name: string;
  /** False: declared, and switched off. */
  readonly enabled: boolean;
  /** Take over what is there under the same host names or port and carries nobody's marker. */
  readonly adopt: boolean;
  /** 12 hex digits of the hash of the declaration: the same generation, nothing that Git has changed. */
  readonly generation: string;
  /** For messages; no part of the generation. */
  readonly declaredAt?: DeclaredAt;
};

/** What all routes with host names have. */
export type HostOptions = {
  /** In small letters, sorted, each once. */
  readonly hosts: readonly string[];
  readonly certificate: CertificateChoice;
  readonly forceSsl: boolean;
  readonly http2: boolean;
  readonly hsts: 'off' | 'on' | 'subdomains';
  /** Raw nginx configuration; '' unless the daemon's policy allows it. */
  readonly advanced: string;
};

export type HttpRoute = RouteBase &
  HostOptions & {
    readonly kind: 'http';
    readonly scheme: 'http' | 'https';
    readonly upstream: Upstream;
    readonly locations: readonly RouteLocation[];
    readonly websockets: boolean;
    readonly blockExploits: boolean;
    readonly cacheAssets: boolean;
    readonly trustForwardedProto: boolean;
    /** Name of an access list: of the fleet, or one that the proxy has. */
    readonly accessList?: string;
  };

export type StreamRoute = RouteBase & {
  readonly kind: 'stream';
  /** Port that the proxy listens on. */
  readonly listen: number;
  readonly protocol: 'tcp' | 'udp' | 'both';
  readonly upstream: Upstream;
  readonly certificate: CertificateChoice;
};

export type RedirectRoute = RouteBase &
  HostOptions & {
    readonly kind: 'redirect';
    readonly to: {
      readonly host: string;
      readonly scheme: 'auto' | 'http' | 'https';
      readonly code: number;
      readonly preservePath: boolean;
    };
    readonly blockExploits: boolean;
  };

export type NotFoundRoute = RouteBase & HostOptions & { readonly kind: 'not-found' };

export type RouteLocation = {
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly upstream: Upstream;
  /** What the path becomes at the upstream; absent: it stays. */
  readonly forwardPath?: string;
  readonly advanced: string;
};

/**
 * Where requests go. `network`: to the service's container by name, in the network that it shares with the
 * proxy. `host`: to a port of the Docker host, for a proxy on another machine. `address`: to what is no service.
 */
export type Upstream =
  | {
      readonly kind: 'service';
      readonly service: string;
      /** Of the container; 0 when it is the number of the port that is allotted. */
      readonly port: number;
      readonly reach: 'network' | 'host';
      /** Under which name a port of the host is allotted for it; absent: the service publishes it by itself. */
      readonly portName?: string;
    }
  | { readonly kind: 'address'; readonly host: string; readonly port: number };

/** `auto`: the valid one that covers all hosts with the longest life, and none if there is none. */
export type CertificateChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'letsencrypt'; readonly keyType: 'rsa' | 'ecdsa' };

/** What the routes of a fleet share. All in name order. */
export type DesiredProxy = {
  /** Those that belong to no app. */
  readonly routes: readonly DesiredRoute[];
  readonly accessLists: readonly DesiredAccessList[];
  readonly certificates: readonly DesiredCertificate[];
};

export type DesiredAccessList = {
  readonly name: string;
  /** One of the two, address or password, is enough. */
  readonly satisfyAny: boolean;
  /** Hand the password on to the service. */
  readonly passAuth: boolean;
  readonly users: readonly { readonly username: string; readonly password: string }[];
  /** In the order in which they count. */
  readonly clients: readonly { readonly address: string; readonly directive: 'allow' | 'deny' }[];
  /** 8 hex digits, made slowly and salted: the passwords must not follow from it. */
  readonly generation: string;
};

/** A certificate of one's own: PEM texts whose pair has been checked. */
export type DesiredCertificate = {
  readonly name: string;
  readonly certificatePem: string;
  /** Secret. */
  readonly keyPem: string;
  readonly intermediatePem?: string;
  readonly domains: readonly string[];
  readonly expiresAtMs: number;
  /** 8 hex digits of the hash of the certificates: never of the key. */
  readonly generation: string;
};
