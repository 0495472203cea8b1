import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { statusOfCode } from '#api/http-error.ts';
import { buildApiServer } from '#api/server.ts';
import { differenceFields } from '#domain/difference-field.ts';
import { createActions, recordingLog, startFixture } from './api-fixture.ts';

type Operation = {
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: unknown }> }>;
};

const text = readFileSync(join(import.meta.dirname, '../../schemas/openapi.yaml'), 'utf8');
const document = parse(text) as {
  paths: Record<string, Record<string, Operation>>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(document, 'openapi');

function findFaults(schema: string, value: unknown): readonly string[] {
  const check = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
  return check(value) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

it('documents every field that a difference can be about', () => {
  const { components } = parse(text) as {
    components: { schemas: { Difference: { properties: { field: { enum: string[] } } } } };
  };
  expect(components.schemas.Difference.properties.field.enum).toEqual([...differenceFields]);
});

it('documents every route of the server, and no other', async () => {
  const served = new Set<string>();
  const recorded = { requests: [], logged: [], listeners: new Set<never>() };
  const app = buildApiServer(
    {
      host: '127.0.0.1',
      port: 0,
      actions: createActions(recorded, true),
      metrics: { text: async () => ({ contentType: 'text/plain', body: '' }) },
      log: recordingLog(recorded),
    },
    ({ method, url }) => {
      for (const each of [method].flat()) served.add(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
    },
  );
  await app.ready();
  await app.close();

  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

  // The framework answers HEAD wherever there is a GET.
  expect([...served].filter((route) => !route.startsWith('HEAD ')).toSorted()).toEqual(documented.toSorted());
});

const requests: readonly [string, number, string, unknown?][] = [
  ['GET /healthz', 200, 'HealthView'],
  ['GET /readyz', 200, 'ReadyView'],
  ['GET /api/v1/status', 200, 'StatusView'],
  ['GET /api/v1/stacks', 200, 'StackListView'],
  ['GET /api/v1/stacks/web-prod', 200, 'StackView'],
  ['GET /api/v1/stacks/none', 404, 'ErrorView'],
  ['GET /nothing', 404, 'ErrorView'],
  ['GET /api/v1/history?stack=web-prod', 200, 'HistoryListView'],
  ['GET /api/v1/history?limit=0', 400, 'ErrorView'],
  ['GET /api/v1/history?stack=unreadable', 503, 'ErrorView'],
  ['GET /api/v1/history/42', 200, 'PastCycleView'],
  ['GET /api/v1/history/43', 404, 'ErrorView'],
  ['GET /api/v1/events', 200, 'EventListView'],
  ['GET /api/v1/events?since=yesterday', 400, 'ErrorView'],
  ['GET /api/v1/diff?stack=web-prod&from=1&to=2', 200, 'DiffView'],
  ['GET /api/v1/diff?stack=web-prod&from=none&to=2', 404, 'ErrorView'],
  ['GET /api/v1/diff?stack=web-prod&from=dead&to=2', 400, 'ErrorView'],
  ['POST /api/v1/stacks/web-prod/rollback', 409, 'ErrorView', { to: '7' }],
  ['POST /api/v1/stacks/web-prod/suspend', 202, 'OverrideAccepted', { until: '2h', reason: 'a migration' }],
  ['POST /api/v1/stacks/web-prod/resume', 202, 'OverrideAccepted', {}],
  ['POST /api/v1/stacks/web-prod/stop', 202, 'OverrideAccepted', { service: 'web' }],
  ['POST /api/v1/stacks/web-prod/start', 400, 'ErrorView', { until: '2h' }],
  ['POST /api/v1/stacks/none/restart', 404, 'ErrorView', {}],
  ['POST /api/v1/approvals', 202, 'OverrideAccepted', { token: 'cafe' }],
  ['POST /api/v1/approvals', 404, 'ErrorView', { token: 'dead' }],
  ['POST /api/v1/approvals', 400, 'ErrorView', {}],
  ['POST /api/v1/reconcile', 202, 'ReconcileAccepted', {}],
  ['POST /api/v1/reconcile', 404, 'ErrorView', { stack: 'none' }],
  ['POST /api/v1/reconcile', 400, 'ErrorView', { stack: 7 }],
];

it.each(requests)('%s answers %i with a %s', async (target, status, schema, body) => {
  const [method = '', path = ''] = target.split(' ');
  const server = await startFixture();

  const answer = await fetch(server.url + path, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const value: unknown = await answer.json();
  await server.close();

  expect(answer.status).toBe(status);
  expect(findFaults(schema, value)).toEqual([]);
  const documented = document.paths[toTemplate(path)];
  const responses = Object.keys(documented?.[method.toLowerCase()]?.responses ?? { 404: {} });
  expect(responses).toContain(String(status));
});

function toTemplate(path: string): string {
  const [bare = ''] = path.split('?');
  return bare.replace(/stacks\/[^/]+/, 'stacks/{name}').replace(/history\/.+$/, 'history/{id}');
}

it('its schemas refuse a field that is not documented, so the test above can fail', () => {
  expect(findFaults('HealthView', { status: 'ok', more: 1 })).not.toEqual([]);
  expect(findFaults('StackView', {})).not.toEqual([]);
  expect(findFaults('StackListView', { stacks: [{ name: 'web', secret: 1 }] })).not.toEqual([]);
});

it('names every error code', () => {
  const codes = Object.keys(statusOfCode);
  const view = (code: string) => ({ error: { code, message: 'm' } });

  expect(codes.flatMap((code) => findFaults('ErrorView', view(code)))).toEqual([]);
  expect(findFaults('ErrorView', view('OTHER'))).not.toEqual([]);
  expect(text.match(/code:\n\s+enum:\n(\s+- \w+\n)+/)?.[0].match(/- /g)).toHaveLength(codes.length);
});

it('is served as it is', async () => {
  const server = await startFixture();

  const answer = await fetch(`${server.url}/api/v1/openapi.yaml`);

  expect(answer.headers.get('content-type')).toContain('application/yaml');
  expect(await answer.text()).toBe(text);
  await server.close();
});
