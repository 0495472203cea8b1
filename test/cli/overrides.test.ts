import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { run } from './cli-fixture.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A daemon that gives one answer to all that it is asked, and notes it. */
async function serve(status: number, answer: unknown) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      asked.push(`${request.method} ${request.url} ${JSON.stringify(body)}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, actions: { apiAccess: async () => ({ url }) } };
}

const done = { accepted: true, changes: ['web: to be otherwise'] };

it.each([
  [
    'rollback shop --to 7 --service web --reason broken',
    'rollback {"to":"7","service":"web","reason":"broken"}',
  ],
  ['rollback shop', 'rollback {}'],
  ['suspend shop --until 2h', 'suspend {"until":"2h"}'],
  ['resume shop web', 'resume {"service":"web"}'],
  ['stop shop', 'stop {}'],
  ['start shop web', 'start {"service":"web"}'],
  ['restart shop web --reason leak', 'restart {"service":"web","reason":"leak"}'],
])('%s', async (line, request) => {
  const { asked, actions } = await serve(202, done);

  const { exitCode, err } = await run(line, actions);

  expect([exitCode, err]).toEqual([0, '► web: to be otherwise\n']);
  expect(asked).toEqual([`POST /api/v1/stacks/shop/${request}`]);
});

it('approve names what it lets go', async () => {
  const { asked, actions } = await serve(202, { accepted: true, changes: [] });

  expect(await run('approve cafe0123', actions)).toMatchObject({
    exitCode: 0,
    err: '✔ cafe0123 is approved\n',
  });
  expect(asked).toEqual(['POST /api/v1/approvals {"token":"cafe0123"}']);
});

it.each([
  ['STACK_NOT_FOUND', 404, 3],
  ['APPROVAL_NOT_FOUND', 404, 3],
  ['ROLLBACK_IMPOSSIBLE', 409, 10],
])('a refusal with %s ends with its own exit code and says why', async (code, status, exitCode) => {
  const { actions } = await serve(status, { error: { code, message: 'web:1 is gone' } });

  const ended = await run('rollback shop', actions);

  expect(ended.exitCode).toBe(exitCode);
  expect(ended.err).toContain('web:1 is gone');
});
