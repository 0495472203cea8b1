import type { DesiredService } from '#domain/desired.ts';
import type { ProbeCheck, StatusRange } from '#domain/probe.ts';
import type { Variables } from './compose/load/reading.ts';
import type { HealthDocument } from './documents.ts';
import { InvalidValue, type Place } from './place.ts';
import { interpolate } from './text/interpolate.ts';

const kinds = ['docker', 'http', 'tcp', 'exec', 'mqtt'] as const;
const defaultMqttPort = 1883;
const defaultStatus = [{ from: 200, to: 399 }];

/** Undefined when something is wrong; it is told at its place. */
export function resolveCheck(
  health: HealthDocument,
  { service, variables, place }: CheckScene,
): ProbeCheck | undefined {
  const [kind, second] = kinds.filter((each) => each in health);
  if (kind === undefined || second !== undefined) {
    place.error(`expected one of ${kinds.join(', ')}`, second && 'a service has one check');
    return undefined;
  }
  const at = place.at(kind);
  const text = (value: string) => interpolate(value, (name) => variables.get(name));
  return at.attempt((): ProbeCheck => {
    switch (kind) {
      case 'docker':
        return { kind };
      case 'tcp':
        return { kind, port: choosePort(health.tcp?.port, service, text) };
      case 'exec':
        return { kind, command: toCommand(health.exec?.command ?? [], text) };
      case 'http':
        return toHttpCheck(health.http ?? {}, service, text);
      case 'mqtt': {
        const { topic = '', port = defaultMqttPort, username, password } = health.mqtt ?? {};
        return {
          kind,
          topic: text(topic),
          port: choosePort(port, service, text),
          ...(username !== undefined && { username: text(username) }),
          ...(password !== undefined && { password: text(password) }),
        };
      }
    }
  });
}

type CheckScene = {
  readonly service: DesiredService;
  readonly variables: Variables;
  readonly place: Place;
};
type Interpolate = (text: string) => string;

function toHttpCheck(
  http: NonNullable<HealthDocument['http']>,
  service: DesiredService,
  text: Interpolate,
): ProbeCheck {
  const headers = Object.entries(http.headers ?? {}).map(([name, value]) => [name, text(value)]);
  return {
    kind: 'http',
    scheme: http.scheme ?? 'http',
    port: choosePort(http.port, service, text),
    path: text(http.path ?? '/'),
    headers: Object.fromEntries(headers),
    status: http.status === undefined ? defaultStatus : [http.status].flat().map(toRange),
    followRedirects: http.followRedirects ?? false,
  };
}

/** @throws InvalidValue */
function choosePort(
  port: number | string | undefined,
  { name, spec }: DesiredService,
  text: Interpolate,
): number {
  if (port !== undefined) return toPort(text(String(port)));
  const known = new Set([
    ...spec.expose.filter((each) => !each.endsWith('/udp')).map((each) => each.split('/')[0] ?? ''),
    ...spec.ports
      .filter(({ protocol }) => protocol === 'tcp')
      .map(({ containerPort }) => String(containerPort)),
  ]);
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return toPort(only);
  const found = only === undefined ? 'exposes no port' : `exposes ${known.size} ports`;
  throw new InvalidValue(`which port? The service "${name}" ${found}`, 'set port');
}

/** @throws InvalidValue */
function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidValue(`expected a port from 1 to 65535, found "${text.slice(0, 80)}"`);
}

/** As Compose reads it: a text is for a shell. */
function toCommand(command: string | readonly string[], text: Interpolate): readonly string[] {
  return typeof command === 'string' ? ['/bin/sh', '-c', text(command)] : command.map(text);
}

/** `200`, `200-299`. @throws InvalidValue */
function toRange(status: number | string): StatusRange {
  const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(String(status)) ?? [];
  if (from !== '' && Number(from) >= 100 && Number(from) <= Number(to)) {
    return { from: Number(from), to: Number(to) };
  }
  throw new InvalidValue(`expected a status such as 200 or 200-299, found "${String(status).slice(0, 80)}"`);
}
