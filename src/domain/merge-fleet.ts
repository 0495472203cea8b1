import type { DesiredFleet } from './desired.ts';
import { hasErrors } from './problem.ts';

/** What cannot be read of the proxy stays as it was when it last could, beside its new problems. */
export function mergeFleet(before: DesiredFleet | undefined, now: DesiredFleet): DesiredFleet {
  return isProxyUnknown(now) && before?.proxy !== undefined ? { ...now, proxy: before.proxy } : now;
}

/** Whether what the fleet wants of the proxy is unknown rather than nothing. */
export function isProxyUnknown({ proxy, problems = [] }: DesiredFleet): boolean {
  return proxy === undefined && hasErrors(problems);
}
