import { expect, it } from 'vitest';
import { createPinoLog } from '#adapters/log/pino-log.ts';
import { createRedactor } from '#domain/redactor.ts';
import { EngineError } from '#ports/engine.ts';

async function logTo(
  options: { format?: 'json' | 'pretty' | 'auto'; isTTY?: boolean; secret?: string } = {},
) {
  const lines: string[] = [];
  const redactor = createRedactor();
  if (options.secret !== undefined) redactor.add(options.secret);
  const stream = { write: (line: string) => lines.push(line), isTTY: options.isTTY ?? false };
  const log = await createPinoLog({ level: 'info', format: options.format ?? 'json', redactor, stream });
  return { log, lines, first: () => JSON.parse(lines[0] ?? '') };
}

it('writes one JSON object a line: level, time, event, fields', async () => {
  const { log, lines, first } = await logTo();

  log.info('cycle ended', { stack: 'web', durationMs: 12 });

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/\}\n$/);
  expect(first()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    event: 'cycle ended',
    stack: 'web',
    durationMs: 12,
  });
});

it('keeps quiet below its level', async () => {
  const { log, lines } = await logTo();

  log.debug('look', {});

  expect(lines).toEqual([]);
});

it('tells a failure by code and causes, without a stack', async () => {
  const { log, first } = await logTo();
  const root = Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' });

  log.error('engine lost', { error: new EngineError('ENGINE_UNREACHABLE', 'no answer', { cause: root }) });

  expect(first().error).toEqual({
    name: 'EngineError',
    code: 'ENGINE_UNREACHABLE',
    message: 'no answer',
    causes: [{ code: 'ENOENT', message: 'connect ENOENT' }],
  });
});

it('tells a bug with its stack', async () => {
  const { log, first } = await logTo();

  log.error('bug', { error: new TypeError('x is undefined') });

  expect(first().error.stack).toContain('pino-log.test.ts');
});

it('no secret leaves, wherever it stands', async () => {
  const secret = 'canary-5e1b';
  const { log, lines } = await logTo({ secret });
  const error = new Error(`at https://x:${secret}@host`, { cause: new Error(secret) });
  Object.assign(error, { code: secret });

  log.error(`event ${secret}`, {
    [secret]: 1,
    error,
    headers: { authorization: `Basic ${Buffer.from(`user:${secret}`).toString('base64')}` },
    map: new Map([['key', new Set([secret])]]),
    url: new URL(`https://host/?token=${secret}`),
  });

  expect(lines.join('')).not.toContain(secret);
  expect(lines.join('')).not.toContain(Buffer.from(`user:${secret}`).toString('base64'));
});

it('survives what does not serialise', async () => {
  const { log, first } = await logTo();
  const circular: Record<string, unknown> = { big: 10n, call: () => 1, bytes: Buffer.from('abc') };
  circular['self'] = circular;

  log.info('odd', { circular, level: 'mine' });

  expect(first()).toMatchObject({
    level: 'info',
    level_: 'mine',
    circular: { big: '10', bytes: '[3 bytes]', self: '[circular]' },
  });
});

it('is pretty on a terminal, and JSON elsewhere', async () => {
  const onTerminal = await logTo({ format: 'auto', isTTY: true });
  const inPipe = await logTo({ format: 'auto', isTTY: false });

  onTerminal.log.info('started', { port: 7710 });
  inPipe.log.info('started', { port: 7710 });

  expect(onTerminal.lines.join('')).toMatch(/INFO.*started.*\{"port":7710\}\n$/);
  expect(inPipe.first().event).toBe('started');
});

it('an error takes one line on a terminal too', async () => {
  const { log, lines } = await logTo({ format: 'pretty' });

  log.error('engine lost', { error: new Error('no answer') });

  expect(lines.join('').trim().split('\n')).toHaveLength(1);
  expect(lines.join('')).toContain('no answer');
});
