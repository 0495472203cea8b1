import type { Logging } from '#domain/container-spec.ts';
import { formatScalar } from '../text/format-scalar.ts';
import type { RawLogging } from './compose-document.ts';

export function resolveLogging(raw: RawLogging): Logging {
  const options = Object.entries(raw.options ?? {}).map(
    ([name, value]) => [name, value === null ? '' : formatScalar(value)] as const,
  );
  return {
    ...(raw.driver !== undefined && raw.driver !== '' && { driver: raw.driver }),
    options: Object.fromEntries(options),
  };
}
