/** Thrown when nothing after it can be told sensibly; what is wrong has been reported. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly code = 'MANIFEST_UNREADABLE';
}
