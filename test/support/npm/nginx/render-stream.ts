import type { Row } from '../npm-state.ts';
import type { RenderOptions } from './nginx.ts';
import { renderCertificate } from './render-host.ts';

/** A stream with neither protocol is a file without a server. */
export function renderStream(stream: Row, options: RenderOptions): string {
  const rule = `# ${'-'.repeat(60)}`;
  const { incoming_port: port, tcp_forwarding: tcp, udp_forwarding: udp } = stream;
  const lines = [rule, `# ${port} TCP: ${tcp} UDP: ${udp}`, rule, '', ''];
  if (stream['enabled'] !== true) return lines.join('\n');
  return [
    ...lines,
    ...(tcp === true ? renderServer(stream, '', options) : []),
    ...(udp === true ? renderServer(stream, ' udp', options) : []),
    '',
  ].join('\n');
}

function renderServer(stream: Row, protocol: string, options: RenderOptions): string[] {
  const { incoming_port: port, forwarding_host: host, forwarding_port: target } = stream;
  const certificate = protocol === '' ? renderCertificate(stream, options) : [];
  const words = `${protocol}${options.reusePort ? ' reuseport' : ''}${certificate.length > 0 ? ' ssl' : ''}`;
  return [
    'server {',
    `  listen ${port}${words};`,
    `  ${options.ipv6 ? '' : '#'}listen [::]:${port}${words};`,
    ...certificate,
    '',
    `  proxy_pass ${host}:${target};`,
    '',
    `  access_log ${options.dataPath}/logs/stream-${stream.id}_access.log stream;`,
    `  error_log ${options.dataPath}/logs/stream-${stream.id}_error.log warn;`,
    '',
    `  include ${options.dataPath}/nginx/custom/server_stream[.]conf;`,
    '}',
  ];
}
