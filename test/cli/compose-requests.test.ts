import { Command } from 'commander';
import { expect, it } from 'vitest';
import { completeRequestsCommand } from '#cli/commands/compose-requests.ts';
import type { ComposeRequestsView } from '#contract/compose-requests-view.ts';

const request = { method: 'POST', path: '/networks/create', query: {}, body: { Name: 'shop_default' } };

async function run(args: readonly string[], view: Partial<ComposeRequestsView>) {
  const written = { out: '', err: '', code: 0, asked: [] as readonly string[] };
  const command = new Command('requests').argument('[dir]', '', '.').exitOverride();
  command.configureOutput({ writeErr: (text) => void (written.err += text) });
  const context = {
    io: {
      stdout: { write: (text: string) => void (written.out += text) },
      stderr: { write: (text: string) => void (written.err += text) },
      isTerminal: false,
      env: {},
    },
    exitWith: (code: number) => void (written.code = code),
  };
  completeRequestsCommand(command, context, async (directory, _options, apiVersion) => {
    written.asked = [directory, apiVersion];
    return { problems: [], refusals: [], ...view };
  });
  await command.parseAsync(args, { from: 'user' }).catch((error: { exitCode: number }) => {
    written.code = error.exitCode;
  });
  return written;
}

it('prints the requests for the API that is asked for', async () => {
  const { out, err, code, asked } = await run(['shop', '--api-version', '1.41', '-o', 'json'], {
    requests: [request],
  });

  expect(asked).toEqual(['shop', '1.41']);
  expect(JSON.parse(out)).toEqual([request]);
  expect([err, code]).toEqual(['', 0]);
});

it('takes the newest API it knows when none is asked for, and none that it does not know', async () => {
  expect((await run([], {})).asked).toEqual(['.', '1.51']);
  expect((await run(['--api-version', '1.12'], {})).asked).toEqual([]);
});

it('prints what is possible, says what is not, and ends differently', async () => {
  const { out, err, code } = await run([], { requests: [request], refusals: ['service:web/1: too old'] });

  expect(JSON.parse(out)).toEqual([request]);
  expect(err).toBe('✗ service:web/1: too old\n');
  expect(code).toBe(1);
});

it('prints no requests for a project that is wrong', async () => {
  const problem = { severity: 'error', file: 'compose.yaml', line: 3, message: 'no such thing' } as const;

  const { out, err, code } = await run([], { problems: [problem] });

  expect(out).toBe('');
  expect(err).toContain('no such thing');
  expect(code).toBe(1);
});
