import { isWrite, type RecordedNpmCall } from '#test/support/npm/faults.ts';

/** A list or certificate that goes before what is made in the same pass; a pass begins with the version. */
export function findOrderFault(calls: readonly RecordedNpmCall[]): string | undefined {
  let gone: string | undefined;
  for (const call of calls) {
    const { method, path } = call;
    if (method === 'GET' && path === '/api/') gone = undefined;
    if (!isWrite(call)) continue;
    const isShared = /^\/api\/nginx\/(access-lists|certificates)\/\d+$/.test(path);
    if (method === 'DELETE' && isShared) gone = path;
    else if (method !== 'DELETE' && gone !== undefined) return `${gone} went before ${method} ${path}`;
  }
  return undefined;
}
