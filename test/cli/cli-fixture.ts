import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CliActions } from '#cli/cli-actions.ts';
import { runProgram } from '#cli/run-program.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { Plan, Step } from '#domain/plan.ts';

export const revision = 'main@sha1:0123456789abcdef0123456789abcdef01234567';

/** Runs one command line on real streams. */
export async function run(
  commandLine: string,
  actions: Partial<CliActions> = {},
  io: { isTerminal?: boolean; env?: Record<string, string>; signal?: AbortSignal } = {},
  onOutput: (text: string) => void = () => {},
) {
  const stdout = new PassThrough();
  stdout.on('data', (chunk: Buffer) => onOutput(chunk.toString('utf8')));
  const stderr = new PassThrough();
  const out = text(stdout);
  const err = text(stderr);
  const exitCode = await runProgram(
    commandLine.split(' ').filter(Boolean),
    { ...refusing, ...actions },
    {
      stdout,
      stderr,
      isTerminal: false,
      env: {},
      ...io,
    },
  );
  stdout.end();
  stderr.end();
  return { exitCode, out: await out, err: await err };
}

function refuse(): never {
  throw new Error('this action was not to be called');
}

const refusing: CliActions = {
  run: refuse,
  validate: refuse,
  plan: refuse,
  apply: refuse,
  importCompose: refuse,
  importRunning: refuse,
  composeConfig: refuse,
  composeRequests: refuse,
  settings: refuse,
  version: refuse,
  apiAccess: refuse,
};

export function aPlan(changes: Partial<Plan> = {}): Plan {
  return {
    stack: 'web',
    findings: [],
    steps: [],
    waits: [],
    blocks: [],
    differences: [],
    probes: [],
    ...changes,
  };
}

/** Creates a container whose environment holds `secret`. */
export function aCreateStep(secret: string): Step {
  return {
    kind: 'create-container',
    lane: 'service:web/1',
    cause: { reason: 'SpecChanged', message: 'environment changed', path: 'environment.KEY', wanted: secret },
    container: {
      name: 'web-1',
      imageId: 'sha256:1',
      labels: {},
      attachments: [],
      networkMode: 'default',
      spec: {
        image: 'nginx:1.27',
        command: [secret],
        entrypoint: null,
        environment: { KEY: secret },
        labels: {},
        capAdd: [],
        capDrop: [],
        expose: [],
        ports: [],
        mounts: [],
        restart: { name: 'no', maxRetries: 0 },
        resources: {},
        networks: [],
      },
    },
  };
}

export function aReport(changes: Partial<CycleReport> = {}): CycleReport {
  return {
    stack: 'web',
    app: 'web',
    revision,
    trigger: 'manual',
    result: 'converged',
    plan: aPlan(),
    outcomes: [],
    failing: [],
    services: [],
    startedAtMs: 0,
    durationMs: 1,
    ...changes,
  };
}
