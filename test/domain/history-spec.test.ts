import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { restoreSpec, toStoredSpec } from '#domain/history-spec.ts';
import { createRedactor } from '#domain/redactor.ts';
import { hashSpec } from '#manifest/content-hash.ts';
import { aFile, aService } from '#test/support/builders.ts';

const password = 'correct horse battery';

function store(spec: ContainerSpec) {
  const redactor = createRedactor();
  redactor.add(password);
  return toStoredSpec(spec, {
    redact: redactor.redact,
    decodeBase64: (text) => Buffer.from(text, 'base64').toString('utf8'),
  });
}

function aSpec(changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return aService({ spec: changes }).spec;
}

/** As the loop would: by the hash that was kept. */
function restore(spec: ContainerSpec, sources: readonly ContainerSpec[]) {
  const { specHash } = hashSpec(spec);
  return restoreSpec(store(spec), sources, (found) => hashSpec(found).specHash === specHash);
}

const withPassword = aSpec({
  environment: { URL: `db://u:${password}@db`, PLAIN: 'x' },
  command: ['-p', password],
});
const secret = aFile({
  target: '/run/secrets/db',
  content: 'unknown',
  secret: true,
  contentHash: 'scrypt:1',
});
const config = aFile({ target: '/etc/app.conf', content: 'port = 1' });

describe('a spec that is kept', () => {
  it('without any secret is kept whole, and restored without anything else', () => {
    const spec = aSpec({ environment: { PLAIN: 'x', BARE: null }, files: [config], command: [] });

    expect(store(spec)).toEqual({ spec, withheld: [] });
    expect(restore(spec, [])).toEqual({ kind: 'restored', spec });
  });

  it('says where a secret was left out', () => {
    const { spec, withheld } = store(withPassword);

    expect(spec.environment).toEqual({ URL: 'db://u:***@db', PLAIN: 'x' });
    expect(withheld).toEqual([
      { reason: 'secret', path: ['command', '1'] },
      { reason: 'secret', path: ['environment', 'URL'] },
    ]);
  });

  it('has no content of delivered secrets, of files with a known secret in them, nor of long ones', () => {
    const leaky = aFile({ target: '/etc/leaky.conf', content: `pw = ${password}` });
    const long = aFile({ target: '/etc/long.conf', content: 'x'.repeat(300_000) });

    const { spec, withheld } = store(aSpec({ files: [config, secret, leaky, long] }));

    expect(spec.files?.map(({ contentBase64 }) => contentBase64)).toEqual([config.contentBase64, '', '', '']);
    expect(spec.files?.map(({ contentHash }) => contentHash)).toContain('scrypt:1');
    expect(withheld).toEqual([
      { reason: 'secret', path: ['files', '/run/secrets/db'] },
      { reason: 'secret', path: ['files', '/etc/leaky.conf'] },
      { reason: 'too-large', path: ['files', '/etc/long.conf'] },
    ]);
  });

  it('has no secret in the name of a variable either, nor in where it says that one was', () => {
    expect(JSON.stringify(store(aSpec({ environment: { [password]: 'x' } })))).not.toContain(password);
  });
});

describe('what was left out is restored', () => {
  it('from a source with the same texts, which the hash proves', () => {
    const other = aSpec({
      environment: { URL: 'db://u:changed@db', PLAIN: 'x' },
      command: ['-p', 'changed'],
    });

    expect(restore(withPassword, [other, withPassword])).toEqual({ kind: 'restored', spec: withPassword });
  });

  it('not from one whose secret is another today', () => {
    const other = aSpec({
      environment: { URL: 'db://u:changed@db', PLAIN: 'x' },
      command: ['-p', 'changed'],
    });

    expect(restore(withPassword, [other])).toEqual({
      kind: 'incomplete',
      missing: ['command.1', 'environment.URL'],
    });
  });

  it('for texts also when everything else of the source differs', () => {
    const today = { ...withPassword, image: 'web:9', labels: { new: '1' } };

    expect(restore(withPassword, [today])).toEqual({ kind: 'restored', spec: withPassword });
  });

  it('for files by the hash of their content, wherever that is', () => {
    const spec = aSpec({ files: [config, secret] });
    const today = aSpec({ image: 'web:9', files: [{ ...secret, target: '/elsewhere' }] });

    expect(restore(spec, [today])).toEqual({ kind: 'restored', spec });
    expect(restore(spec, [aSpec({ files: [{ ...secret, contentHash: 'scrypt:2' }] })])).toEqual({
      kind: 'incomplete',
      missing: ['files./run/secrets/db'],
    });
  });

  it('not from a source that lacks the place', () => {
    expect(restore(withPassword, [aSpec()])).toMatchObject({ kind: 'incomplete' });
  });
});
