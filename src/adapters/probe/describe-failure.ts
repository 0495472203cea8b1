import type { ProbeRequest } from '#domain/probe.ts';

/** One sentence on why there was no answer. */
export function describeFailure(request: ProbeRequest, error: unknown, isOverdue: boolean): string {
  const where = describeCheck(request);
  if (isOverdue && !isUnreachable(error)) {
    return `${where}: no answer within ${request.timeoutMs / 1000} s${hintAt(request, true)}`;
  }
  return `${where}: ${toReason(error)}${hintAt(request, isUnreachable(error))}`;
}

/** What was asked, without anything that may be a secret. */
export function describeCheck({ check, address = '' }: Pick<ProbeRequest, 'check' | 'address'>): string {
  if (check.kind === 'exec') return check.command[0] ?? 'exec';
  if (address === '') return check.kind;
  const host = address.includes(':') ? `[${address}]` : address;
  if (check.kind === 'http') {
    return `GET ${check.scheme}://${host}:${check.port}${check.path.split('?', 1)[0]}`;
  }
  return `${check.kind}://${host}:${check.port}${check.kind === 'mqtt' ? ` ${check.topic}` : ''}`;
}

/** Where nothing comes back at all, the reason may be where we run, and not what we ask. */
function hintAt({ check, address }: ProbeRequest, isSilent: boolean): string {
  if (!isSilent || check.kind === 'exec' || address === undefined) return '';
  return ' (if Shorefast runs outside of the network of the container, ask it with exec, or by its own health check)';
}

function isUnreachable(error: unknown): boolean {
  return ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'].includes(codeOf(error));
}

function toReason(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    EHOSTUNREACH: 'there is no way to it',
    ENETUNREACH: 'there is no way to it',
  };
  return reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
