import { describe, expect, it } from 'vitest';
import type { HostPolicy } from '#domain/host-policy.ts';
import {
  formatProblems,
  loadOnlyApp,
  loadOnlyStack,
  openPolicy,
  strictPolicy,
} from '#test/support/manifest-input.ts';

function compose(attributes: string) {
  return { 'compose.yaml': `services:\n  a:\n    image: x\n    ${attributes}\n` };
}

async function problemsOf(attributes: string, policy: HostPolicy = openPolicy): Promise<string> {
  const { problems } = await loadOnlyApp(compose(attributes), policy);
  return formatProblems(problems);
}

describe('what loosens the wall to the host needs the policy', () => {
  it.each([
    ['devices: [/dev/ttyUSB0]', 'devices are not allowed'],
    ['security_opt: ["seccomp=unconfined"]', 'not allowed on this host: seccomp=unconfined'],
    ['security_opt: ["no-new-privileges:false"]', 'not allowed on this host: no-new-privileges:false'],
    ['security_opt: ["label:disable", "no-new-privileges"]', 'not allowed on this host: label:disable'],
  ])('%s', async (attributes, message) => {
    expect(await problemsOf(attributes, strictPolicy)).toContain(message);
    expect(await problemsOf(attributes, { ...strictPolicy, allowPrivileged: true })).toBe('');
  });

  it('what tightens it does not', async () => {
    expect(await problemsOf('security_opt: ["no-new-privileges:true"]', strictPolicy)).toBe('');
  });
});

describe('what the engine would refuse later is refused at its place', () => {
  it.each([
    ['security_opt: ["seccomp:./profile.json"]', 'there is no "./profile.json"'],
    ['ulimits: { nofile: many }', 'expected a whole number'],
    ['ulimits: { nofile: { soft: 1 } }', 'hard'],
    ['extra_hosts: [one]', 'missing IP: one'],
    ['label_file: none.labels', 'none.labels not found'],
    [
      'pids_limit: 5\n    deploy: { resources: { limits: { pids: 6 } } }',
      "can't set distinct values on 'pids_limit'",
    ],
    ['shm_size: large', 'expected a size'],
  ])('%s', async (attributes, message) => {
    expect(await problemsOf(attributes)).toContain(message);
  });
});

it('an attribute that is not declared leaves no trace in the spec, and so none in its hash', async () => {
  const [bare, empty] = await Promise.all(
    ['tty: false', 'ulimits: {}\n    sysctls: {}\n    devices: []\n    extra_hosts: []'].map((attributes) =>
      loadOnlyStack(compose(attributes)),
    ),
  );

  expect(empty?.services[0]?.specHash).toBe(bare?.services[0]?.specHash);
});
