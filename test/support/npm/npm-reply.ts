import { createHash } from 'node:crypto';
import type { NpmAnswer } from './npm-core.ts';

/** What goes over the wire. */
export type NpmReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly content: Buffer;
  /** The connection is cut before the end of the content. */
  readonly isCut?: boolean;
};

/** As NPM's back end and the nginx in front of it answer. */
export function formatAnswer(answer: NpmAnswer): NpmReply {
  const isFile = Buffer.isBuffer(answer.body);
  const content = toContent(answer.body);
  const headers = {
    'content-type': isFile ? 'application/zip' : 'application/json; charset=utf-8',
    'content-length': content.length,
    etag: `W/"${content.length.toString(16)}-${createHash('sha1').update(content).digest('base64').slice(0, 27)}"`,
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
    server: 'nginx',
  };
  return { status: answer.status, headers, content };
}

/** What the nginx in front answers by itself: `502 Bad Gateway`. */
export function formatHtml(status: number, title: string, location?: string): NpmReply {
  const headers = {
    'content-type': 'text/html',
    server: 'nginx',
    ...(location === undefined ? {} : { location }),
  };
  const rows = [
    '<html>',
    `<head><title>${status} ${title}</title></head>`,
    '<body>',
    `<center><h1>${status} ${title}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ];
  return { status, headers, content: Buffer.from(rows.join('\r\n')) };
}

/** The head, half of the body, and nothing more. */
export function formatHalf({ status, body }: NpmAnswer): NpmReply {
  const content = toContent(body);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': content.length,
  };
  return { status, headers, content: content.subarray(0, Math.floor(content.length / 2)), isCut: true };
}

function toContent(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === undefined ? '' : JSON.stringify(body));
}
