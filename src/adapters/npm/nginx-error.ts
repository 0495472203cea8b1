import type { HostKind } from '#domain/routes/observed-proxy.ts';
import { toLine } from './one-line.ts';

export type NginxComplaint = {
  /** One line, of bounded length; warnings about other things left out. */
  readonly line: string;
  /** The host whose file it is about, where it names one. */
  readonly culprit?: { readonly kind: HostKind; readonly id: number };
};

const folders: Readonly<Record<string, HostKind>> = {
  proxy_host: 'proxy-host',
  redirection_host: 'redirection-host',
  dead_host: 'dead-host',
  stream: 'stream',
};

/** What matters in the output of `nginx -t`. */
export function toNginxLine(output: string): NginxComplaint {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const grave = lines.find((line) => /\[(emerg|alert|crit|error)\]/.test(line)) ?? lines[0] ?? '';
  const line = toLine(grave.replace(/^nginx: /, '')) || 'it gave no reason';
  const [, folder = '', id = ''] =
    / in \/data\/nginx\/(proxy_host|redirection_host|dead_host|stream)\/(\d+)\.conf:\d+/.exec(grave) ?? [];
  const kind = folders[folder];
  return kind === undefined ? { line } : { line, culprit: { kind, id: Number(id) } };
}
