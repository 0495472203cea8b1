// What fleet.yaml says of the proxy, after its schema has accepted it.

export type ProxyDocument = {
  readonly accessLists?: Readonly<Record<string, AccessListDocument>>;
  readonly certificates?: Readonly<Record<string, CertificateFiles>>;
};

export type AccessListDocument = {
  readonly satisfy?: 'any' | 'all';
  readonly passAuth?: boolean;
  readonly users?: Readonly<
    Record<string, { readonly password?: string; readonly passwordFile?: string } | null>
  >;
  readonly clients?: readonly { readonly allow?: string; readonly deny?: string }[];
};

/** Paths in the state repo. */
export type CertificateFiles = {
  readonly certificate: string;
  readonly key: string;
  readonly intermediate?: string;
};
