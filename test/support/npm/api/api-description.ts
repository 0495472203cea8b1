import type { NpmCall } from '../npm-core.ts';
import { createRequestSchemas } from './request-schemas.ts';
import type { Route } from './route.ts';

// OpenAPI calls its path parameters by what they are.
const parameterNames: Readonly<Record<string, string>> = {
  'access-lists': 'listID',
  certificates: 'certID',
  'proxy-hosts': 'hostID',
  'redirection-hosts': 'hostID',
  'dead-hosts': 'hostID',
  streams: 'streamID',
  settings: 'settingID',
  users: 'userID',
  'audit-log': 'id',
};

/** Before 2.12.0 it was a JSON schema of NPM's own; what stands in it is not told here. */
const ancientDescription = { $id: 'root', title: 'Nginx Proxy Manager REST API', properties: {} };

/** `GET /schema`: an OpenAPI document with the paths and the bodies of requests, not of answers. */
export function describeApi(call: NpmCall, routes: readonly Route[]): object {
  const { version } = call.core;
  if (!version.isSince('2.12.0')) return ancientDescription;
  const schemas = createRequestSchemas(version);
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, since, before } of routes) {
    if ((since && !version.isSince(since)) || (before && version.isSince(before))) continue;
    const [method = '', template = ''] = name.split(' ');
    const path = (paths[toOpenApiPath(template)] ??= {});
    const schema = schemas[name];
    path[method.toLowerCase()] =
      schema === undefined ? {} : { requestBody: { content: { 'application/json': { schema } } } };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Nginx Proxy Manager API', version: version.text },
    servers: [{ url: 'http://127.0.0.1/api' }],
    paths,
  };
}

function toOpenApiPath(template: string): string {
  const parts = template.split('/');
  return parts
    .map((part, index) => (part === ':id' ? `{${parameterNames[parts[index - 1] ?? ''] ?? 'id'}}` : part))
    .join('/');
}
