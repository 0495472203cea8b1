/**
 * Text from a state repo or an engine, made harmless for a terminal: a control character could move the
 * cursor or set the title.
 */
export function toPrintable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}

/** On one line. */
export function toCell(text: string): string {
  return toPrintable(text.replace(/\s+/g, ' ').trim());
}

/** `main@sha1:0123456…` → `main@sha1:0123456`; image digests keep twelve digits. */
export function shortenHashes(text: string): string {
  return text
    .replace(/\b([0-9a-f]{7})[0-9a-f]{33}\b/g, '$1')
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');
}
