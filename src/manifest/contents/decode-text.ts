import { InvalidValue } from '../place.ts';

/** @throws InvalidValue when it is not UTF-8; `what` names it in the message */
export function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidValue(`${what} is not UTF-8 text`);
  }
}
