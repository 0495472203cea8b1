// What a host of the proxy is to be and what it was found to be, field by field.
import { compareFields, type FieldPair } from '../compare-fields.ts';
import type { Difference } from '../plan.ts';
import type { HostBody, LocationBody } from './observed-proxy.ts';

/** Paths begin with `route.`: `route.hosts`, `route.locations[0].forwardPort`. Raw nginx is not shown. */
export function compareHosts(object: string, wanted: HostBody, found: HostBody): readonly Difference[] {
  const given = new Map(toPairs(found));
  const asked = toPairs(wanted);
  const paths = new Set(asked.map(([path]) => path));
  const extra = [...given].filter(([path]) => !paths.has(path));
  return compareFields(object, [
    ...asked.map(([path, text]): FieldPair => [path, text, given.get(path) ?? none]),
    ...extra.map(([path, text]): FieldPair => [path, none, text]),
  ]).map((difference) => (difference.path.endsWith('.advanced') ? hide(difference) : difference));
}

type Pair = readonly [path: string, text: string];

const none = '(none)';

function toPairs(body: HostBody): readonly Pair[] {
  return Object.entries(body)
    .flatMap(([name, value]): readonly Pair[] => {
      if (name === 'kind' || name === 'locations') return [];
      return [[`route.${names[name] ?? name}`, toText(value)]];
    })
    .concat(body.kind === 'proxy-host' ? toLocationPairs(body.locations) : []);
}

/** The words of the declaration, where the proxy has others. */
const names: Readonly<Record<string, string>> = {
  domains: 'hosts',
  certificateId: 'certificate',
  accessListId: 'accessList',
};

/** By their order: nginx takes the first regular expression that fits. */
function toLocationPairs(locations: readonly LocationBody[]): readonly Pair[] {
  return locations.flatMap((location, index) =>
    Object.entries(location).map(
      ([name, value]): Pair => [`route.locations[${index}].${name}`, toText(value)],
    ),
  );
}

function toText(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** It may hold a password of the service behind. */
function hide(difference: Difference): Difference {
  const show = (text: string) => (text === '' || text === none ? none : '***');
  return { ...difference, wanted: show(difference.wanted), found: show(difference.found) };
}
