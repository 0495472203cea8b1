const longestLine = 400;

/** Text of others as one line of bounded length, for messages and marks. */
export function toLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}
