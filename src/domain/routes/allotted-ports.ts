// Ports of the host that a container gets with it, for proxies on other machines. Which number it is says a label
// of the container: so it is the same for as long as the container lives, and two versions can run side by side.
import type { AllottedPort, ContainerSpec, PortBinding } from '../container-spec.ts';

type Numbers = Readonly<Record<string, number>>;

/** `web=23456,api=10001`, in name order. */
export function formatAllotted(numbers: Numbers): string {
  return Object.entries(numbers)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, port]) => `${name}=${port}`)
    .join(',');
}

/** What a container's label says; what is no port is left out. */
export function parseAllotted(label: string | undefined): Numbers {
  const entries = (label ?? '').split(',').map((entry) => entry.split('='));
  return Object.fromEntries(
    entries.flatMap(([name = '', text = '']) => (/^[1-9]\d{0,4}$/.test(text) ? [[name, Number(text)]] : [])),
  );
}

/** The spec with numbers in place of what is to be allotted; without one, the engine would choose. */
export function withAllotted({ allotted = [], ...spec }: ContainerSpec, numbers: Numbers): ContainerSpec {
  if (allotted.length === 0) return spec;
  const told = allotted.flatMap(({ name, variables }) => {
    const port = numbers[name];
    return port === undefined ? [] : variables.map((variable) => [variable, String(port)] as const);
  });
  return {
    ...spec,
    environment: { ...spec.environment, ...Object.fromEntries(told) },
    ports: [...spec.ports, ...allotted.flatMap((port) => toBindings(port, numbers[port.name]))],
  };
}

function toBindings(
  { containerPort, protocols }: AllottedPort,
  number: number | undefined,
): readonly PortBinding[] {
  return protocols.map((protocol) => ({
    containerPort: containerPort ?? number ?? 0,
    protocol,
    hostPort: number === undefined ? '' : String(number),
    hostIp: '',
  }));
}

/** An inspected spec without what follows from the numbers: these differ between containers that are equal. */
export function withoutAllotted(
  spec: ContainerSpec,
  { allotted = [] }: ContainerSpec,
  numbers: Numbers,
): ContainerSpec {
  if (allotted.length === 0) return spec;
  const own = new Set(Object.values(numbers).map(String));
  const variables = new Set(allotted.flatMap((port) => port.variables));
  // The engine exposes what it publishes.
  const exposed = new Set(spec.ports.filter(({ hostPort }) => own.has(hostPort)).map(formatPort));
  return {
    ...spec,
    environment: Object.fromEntries(
      Object.entries(spec.environment).filter(([name]) => !variables.has(name)),
    ),
    ports: spec.ports.filter(({ hostPort }) => !own.has(hostPort)),
    expose: spec.expose.filter((port) => !exposed.has(port)),
  };
}

function formatPort({ containerPort, protocol }: PortBinding): string {
  return `${containerPort}/${protocol}`;
}
