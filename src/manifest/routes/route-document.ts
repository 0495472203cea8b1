// Routes as written, after their schema has accepted them.

export type RouteDocument = RouteOptionsDocument & {
  readonly name?: string;
  readonly host?: string;
  readonly hosts?: readonly string[];
  readonly subdomain?: string;
  readonly mode?: 'http' | 'l4';
  readonly service?: string;
  readonly port?: number | string;
  readonly upstream?: UpstreamDocument;
  readonly locations?: readonly LocationDocument[];
  readonly advanced?: string;
  readonly listen?: number | string;
  readonly protocol?: 'tcp' | 'udp' | 'both';
  readonly redirect?: RedirectDocument;
  readonly notFound?: true;
  readonly adopt?: boolean;
  readonly enabled?: boolean;
};

/** What a fleet can say for all routes that say nothing else. */
export type RouteOptionsDocument = {
  readonly scheme?: 'http' | 'https';
  readonly reach?: 'network' | 'host';
  readonly websockets?: boolean;
  readonly http2?: boolean;
  readonly forceSsl?: boolean;
  readonly hsts?: boolean | 'on' | 'off' | 'subdomains';
  readonly blockExploits?: boolean;
  readonly cacheAssets?: boolean;
  readonly trustForwardedProto?: boolean;
  readonly accessList?: string;
  readonly certificate?: CertificateDocument;
};

export type CertificateDocument =
  | string
  | { readonly name?: string; readonly letsencrypt?: { readonly keyType?: 'rsa' | 'ecdsa' } | null };

export type UpstreamDocument = { readonly host: string; readonly port: number | string };

export type LocationDocument = {
  readonly path: string;
  readonly service?: string;
  readonly port?: number | string;
  readonly scheme?: 'http' | 'https';
  readonly upstream?: UpstreamDocument;
  readonly forwardPath?: string;
  readonly advanced?: string;
};

type RedirectDocument = {
  readonly to: string;
  readonly scheme?: 'auto' | 'http' | 'https';
  readonly code?: number;
  readonly preservePath?: boolean;
};

/** What an app or a stage says of its routes. */
export type RoutedDocument = {
  readonly route?: boolean;
  readonly routes?: readonly RouteDocument[];
  readonly subdomain?: string;
};

export type RoutesFileDocument = {
  readonly apiVersion: 'shorefast/v1';
  readonly kind: 'Routes';
  readonly spec?: { readonly routes?: readonly RouteDocument[] } | null;
};
