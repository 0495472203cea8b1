import type { Certbot } from './certbot.ts';
import type { Nginx } from './nginx/nginx.ts';
import type { NpmState } from './npm-state.ts';
import type { NpmVersion } from './npm-version.ts';

/** What every request of the double works with. */
export type NpmCore = {
  readonly version: NpmVersion;
  readonly state: NpmState;
  readonly nginx: Nginx;
  readonly certbot: Certbot;
  /** How long the check of a key with a passphrase hangs before it kills the back end. */
  readonly keyCheckTimeoutMs: number;
  /** The back end process dies: 502 until its supervisor has started it again. */
  crash(): void;
};

/** A request after routing. */
export type NpmCall = {
  readonly core: NpmCore;
  readonly method: string;
  /** Without `/api`: `/nginx/proxy-hosts/3`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path parameters, as text. */
  readonly params: Readonly<Record<string, string>>;
  /** Checked and coerced by the schema of the route. */
  readonly body: Record<string, unknown>;
  /** File parts of a multipart body; undefined when it was none. */
  readonly files: ReadonlyMap<string, string> | undefined;
  readonly access: Access;
};

/** Who asks, as far as the token says so. */
export type Access = { readonly token: TokenPayload | undefined };

export type TokenPayload = {
  readonly attrs: { readonly id?: number };
  readonly scope: readonly string[];
  readonly exp: number;
};

export type NpmAnswer = { readonly status: number; readonly body: unknown; readonly afterwards?: () => void };

export function ok(body: unknown): NpmAnswer {
  return { status: 200, body };
}
