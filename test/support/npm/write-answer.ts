import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { NpmAnswer } from './npm-core.ts';

/** As NPM's back end and the nginx in front of it answer. */
export function writeAnswer(response: ServerResponse, answer: NpmAnswer): void {
  const isFile = Buffer.isBuffer(answer.body);
  const content = toContent(answer.body);
  response.writeHead(answer.status, {
    'content-type': isFile ? 'application/zip' : 'application/json; charset=utf-8',
    'content-length': content.length,
    etag: `W/"${content.length.toString(16)}-${createHash('sha1').update(content).digest('base64').slice(0, 27)}"`,
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
    server: 'nginx',
  });
  response.end(content);
}

/** What the nginx in front answers by itself: `502 Bad Gateway`. */
export function writeHtml(response: ServerResponse, status: number, title: string, location?: string): void {
  response.writeHead(status, {
    'content-type': 'text/html',
    server: 'nginx',
    ...(location === undefined ? {} : { location }),
  });
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
  response.end(rows.join('\r\n'));
}

/** Sends the head and half of the body, and nothing more. */
export function writeHalf(response: ServerResponse, answer: NpmAnswer): void {
  const content = toContent(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': content.length,
  });
  response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.destroy());
}

function toContent(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === undefined ? '' : JSON.stringify(body));
}
