// The domain has no Node and no DOM types, so the few lines of Base64 stand here.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Shorter pieces would hit ordinary words. */
const shortestPiece = 8;

export function encodeUtf8(text: string): readonly number[] {
  const escaped = encodeURIComponent(text.toWellFormed());
  return [...escaped.matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([found, hex]) =>
    hex === undefined ? (found.codePointAt(0) ?? 0) : Number.parseInt(hex, 16),
  );
}

export function encodeBase64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.slice(at, at + 3);
    const bits = ((group[0] ?? 0) << 16) | ((group[1] ?? 0) << 8) | (group[2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63] ?? '');
    text += digits.slice(0, group.length + 1).join('') + '='.repeat(3 - group.length);
  }
  return text;
}

/**
 * What is left of the bytes inside a longer Base64 text, such as `user:secret` of basic authentication: for
 * each of the three alignments, the digits that depend on these bytes alone.
 */
export function innerBase64(bytes: readonly number[]): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const padded = [...Array.from({ length: before }, () => 0), ...bytes];
      const firstDigit = Math.ceil((before * 8) / 6);
      const endDigit = Math.floor((padded.length * 8) / 6);
      return encodeBase64(padded).slice(firstDigit, endDigit);
    })
    .filter((piece) => piece.length >= shortestPiece);
}
