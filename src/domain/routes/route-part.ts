import type { DeclaredRoute } from './route-context.ts';
import type { RoutePlan, RouteStep } from './route-plan.ts';

export type RoutePart = Omit<RoutePlan, 'reports'>;

const empty: RoutePart = { steps: [], waits: [], blocks: [], differences: [] };

export function toRoutePart(part: Partial<RoutePart>): RoutePart {
  return { ...empty, ...part };
}

export function mergeRouteParts(parts: readonly RoutePart[]): RoutePart {
  return {
    steps: parts.flatMap(({ steps }) => steps),
    waits: parts.flatMap(({ waits }) => waits),
    blocks: parts.flatMap(({ blocks }) => blocks),
    differences: parts.flatMap(({ differences }) => differences),
  };
}

export function toLane({ stack, route }: DeclaredRoute): string {
  return `route:${stack}/${route.name}`;
}

export function withRef({ stack, route }: DeclaredRoute, step: RouteStep): RouteStep {
  return { ...step, ref: { stack, route: route.name } };
}

/** `route a.example.com`, for differences and messages. */
export function toRouteTitle({ route }: DeclaredRoute): string {
  return `route ${route.kind === 'stream' ? route.name : (route.hosts[0] ?? route.name)}`;
}
