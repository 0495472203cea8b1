import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createNpmProxy, type NpmProxyOptions } from '#adapters/npm/npm-proxy.ts';
import { Failure } from '#ports/failure.ts';
import type { Proxy } from '#ports/proxy.ts';
import type { Settings } from '../settings/settings.ts';

const certificateTimeoutMs = 180_000;
/** Lets nginx come to rest between two reloads. */
const paceMs = 100;

/** The proxy of the settings. @throws Failure SETTINGS_INVALID when none is set */
export function buildProxy(
  { npm }: Settings,
  tell: Partial<Pick<NpmProxyOptions, 'addSecret' | 'onRequest'>> = {},
): Proxy {
  const { url, identity = '', password = '', totpSecret, timeoutMs } = npm;
  if (url === undefined) {
    const message = 'npm.url is not set: it is the address of the admin page, http://npm:81';
    throw new Failure('SETTINGS_INVALID', message, { reaction: 'stall' });
  }
  return createNpmProxy({
    url,
    identity,
    password,
    ...(totpSecret !== undefined && { totp: totpSecret }),
    clock: createSystemClock(),
    addSecret: () => undefined,
    timeouts: { callMs: timeoutMs, certificateMs: certificateTimeoutMs },
    paceMs,
    ...tell,
  });
}
