const headBytes = 8;

/** Without a terminal, both streams come in frames: a head with the length, and so many bytes. */
export function toPlainOutput(body: Buffer): string {
  const isFramed = body.length >= headBytes && body.readUInt8(0) <= 2 && body.readUIntBE(1, 3) === 0;
  return (isFramed ? joinFrames(body) : body).toString('utf8');
}

function joinFrames(body: Buffer): Buffer {
  const frames: Buffer[] = [];
  let position = 0;
  while (position + headBytes <= body.length) {
    const end = position + headBytes + body.readUInt32BE(position + 4);
    frames.push(body.subarray(position + headBytes, end));
    position = end;
  }
  return Buffer.concat(frames);
}
