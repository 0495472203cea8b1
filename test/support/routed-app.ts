import { expect } from 'vitest';
import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { formatProblems, loadOnlyApp, openPolicy } from './manifest-input.ts';

export const fleetFile = `apiVersion: shorefast/v1
kind: Fleet
spec:
  network: edge
  domain: Example.com
`;

export function appFile(spec: string): string {
  return `apiVersion: shorefast/v1\nkind: App\nspec:\n${spec.replaceAll(/^/gm, '  ')}`;
}

export const composeFile = `services:
  web: { image: web:1, expose: ["8080"] }
  api: { image: api:1, expose: ["9090", "9091"] }
`;

export async function loadApp(
  files: Readonly<Record<string, string>>,
  policy = openPolicy,
): Promise<DesiredApp> {
  return loadOnlyApp({ 'fleet.yaml': fleetFile, ...files }, policy);
}

export async function stackOf(files: Readonly<Record<string, string>>): Promise<DesiredStack> {
  const { stacks, problems } = await loadApp(files);
  expect(formatProblems(problems)).toBe('');
  const [stack] = stacks;
  if (stack === undefined) throw new Error('there is no stack');
  return stack;
}

export async function routeOf(
  spec: string,
  files: Readonly<Record<string, string>> = {},
): Promise<DesiredRoute> {
  const [route] = (await stackOf({ 'app.yaml': appFile(spec), ...files })).routes ?? [];
  if (route === undefined) throw new Error('there is no route');
  return route;
}

export async function problemsOf(
  spec: string,
  {
    files = {},
    policy = openPolicy,
  }: { files?: Readonly<Record<string, string>>; policy?: typeof openPolicy } = {},
): Promise<string> {
  const { stacks, problems } = await loadApp({ 'app.yaml': appFile(spec), ...files }, policy);
  expect(stacks).toEqual([]);
  return formatProblems(problems);
}

export const shorthand = 'image: web:1\nport: 3000\n';
