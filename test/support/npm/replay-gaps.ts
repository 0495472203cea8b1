import { setNextId } from './npm-state.ts';
import type { Exchange } from './recordings.ts';
import type { ReplayMemory } from './replay-memory.ts';

// What happened between the recorded calls: what the notes tell, and the ids that were used up meanwhile.

type Gap = (memory: ReplayMemory) => void | Promise<void>;

const certbotFailure = [
  'Saving debug log to /data/logs/letsencrypt.log',
  'An unexpected error occurred:',
  'ValueError: Requesting 127.0.0.1/dir: Connection refused',
  'Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile ' +
    '/data/logs/letsencrypt.log or re-run Certbot with -v for more details.',
  '',
].join('\n');

const gapsBefore: Readonly<Record<string, Gap>> = {
  '06-streams': (memory) => callAsAdmin(memory, 'DELETE', '/nginx/proxy-hosts/8'),
  '10-certificates-letsencrypt': ({ npm }) => {
    npm.certbot.failure = certbotFailure;
    npm.certbot.server = 'http://127.0.0.1:14000/dir';
  },
  '11-access-lists': async (memory) => {
    for (const id of [20, 21]) await callAsAdmin(memory, 'DELETE', `/nginx/proxy-hosts/${id}`);
  },
  '14-audit-reports-schema': (memory) => callAsAdmin(memory, 'DELETE', '/nginx/proxy-hosts/23'),
  '18-ssl-flag-normalisation': ({ npm }) => setNextId(npm.state, 'proxy_host', 92),
  '19-poisoned-nginx': ({ npm }) => {
    setNextId(npm.state, 'stream', 14);
    npm.nginx.heldPorts.add(9101);
  },
  '20-letsencrypt-success-stub': async (memory) => {
    memory.npm.certbot.failure = undefined;
    for (const id of [2, 3, 4]) await callAsAdmin(memory, 'DELETE', `/nginx/certificates/${id}`);
  },
  '21-letsencrypt-certificate-deleted-in-use': async (memory) => {
    for (const id of [98, 99]) await callAsAdmin(memory, 'DELETE', `/nginx/proxy-hosts/${id}`);
  },
  '23-limits-and-scale': (memory) =>
    callAsAdmin(memory, 'POST', '/nginx/proxy-hosts', {
      domain_names: ['limit.test'],
      forward_scheme: 'http',
      forward_host: '127.0.0.1',
      forward_port: 9101,
    }),
  '24-custom-certificate-deleted-in-use': ({ npm }) => setNextId(npm.state, 'proxy_host', 307),
};

const gapsBeforeStep: Readonly<Record<string, Gap>> = {
  'expired token on a listing': ({ clock }) => {
    clock.offsetMs += 2000;
  },
  'validate: missing key': ({ npm }) => npm.untilUp(),
  'create while nginx -t already fails': ({ npm }) => npm.nginx.setCustomInclude('nonsense on;'),
  'any update re-applies it': ({ npm }) => npm.nginx.setCustomInclude(undefined),
};

export async function prepareScenario(memory: ReplayMemory, scenario: string): Promise<void> {
  await gapsBefore[scenario]?.(memory);
}

export async function prepareStep(memory: ReplayMemory, exchange: Exchange): Promise<void> {
  await gapsBeforeStep[exchange.step]?.(memory);
}

async function callAsAdmin(memory: ReplayMemory, method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`${memory.npm.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${memory.tokens.get('admin')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
