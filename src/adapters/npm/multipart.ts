import { randomUUID } from 'node:crypto';

/** A body of files, for `multipart/form-data`. */
export type Multipart = { readonly contentType: string; readonly payload: Buffer };

/** `files` are texts by the name of their field. */
export function toMultipart(files: Readonly<Record<string, string>>): Multipart {
  const boundary = `shorefast-${randomUUID()}`;
  const parts = Object.entries(files).map(
    ([field, text]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${field}.pem"\r\n` +
      `Content-Type: application/x-pem-file\r\n\r\n${text}\r\n`,
  );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    payload: Buffer.from(`${parts.join('')}--${boundary}--\r\n`, 'utf8'),
  };
}
