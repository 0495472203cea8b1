import { Agent, type Dispatcher, request } from 'undici';
import type { ProbeAnswer, ProbeCheck } from '#domain/probe.ts';
import { describeCheck } from './describe-failure.ts';

type HttpCheck = Extract<ProbeCheck, { kind: 'http' }>;
type Answer = { readonly status: number; readonly location: string | undefined; readonly body: string };

const maxBodyBytes = 4096;
const mostRedirects = 5;

/** @throws when there is no answer */
export async function probeHttp(
  check: HttpCheck,
  address: string,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  // A connection of its own: one kept from the last attempt may lead to a process that is gone. Certificates are made
  // for names, and this is an address: what is asked is whether it answers, not who it is.
  await using agent = toDisposable(new Agent({ connect: { rejectUnauthorized: false } }));
  const host = address.includes(':') ? `[${address}]` : address;
  const origin = new URL(`${check.scheme}://${host}:${check.port}`);
  let url = new URL(check.path, origin);
  // A path such as //elsewhere would lead to another host.
  if (url.host !== origin.host) throw new Error(`the path ${check.path} leads elsewhere`);
  let answer = await get(url, check.headers, { dispatcher: agent.agent, signal });
  for (let hops = 0; check.followRedirects && hops < mostRedirects; hops += 1) {
    if (answer.location === undefined || answer.status < 300 || answer.status > 399) break;
    url = new URL(answer.location, url);
    if (url.host !== origin.host) throw new Error('it redirects to another host');
    answer = await get(url, check.headers, { dispatcher: agent.agent, signal });
  }
  const ok = check.status.some(({ from, to }) => answer.status >= from && answer.status <= to);
  const said = `${describeCheck({ check, address })} answered ${answer.status}`;
  return { ok, output: answer.body === '' ? said : `${said}\n${answer.body}` };
}

async function get(
  url: URL,
  headers: HttpCheck['headers'],
  options: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
): Promise<Answer> {
  const response = await request(url.href, { method: 'GET', headers, ...options });
  const { location } = response.headers;
  return {
    status: response.statusCode,
    location: typeof location === 'string' ? location : undefined,
    body: await readBeginning(response.body),
  };
}

/** An endless body must not make a good answer a late one. */
async function readBeginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBodyBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8').trim();
}

function toDisposable(agent: Agent): AsyncDisposable & { readonly agent: Agent } {
  return { agent, [Symbol.asyncDispose]: () => agent.destroy() };
}
