import { describeHost, listEntries } from './describe-host.ts';
import type { RouteStep } from './route-plan.ts';

/** `update-host proxy host 12 (a.example.com)` */
export function describeRouteStep(step: RouteStep): string {
  return `${step.kind} ${describeRouteTarget(step)}`;
}

/** What a step acts on, in words. */
export function describeRouteTarget(step: RouteStep): string {
  switch (step.kind) {
    case 'create-host':
      return `${step.body.kind} (${listEntries(step.body).join(', ')})`;
    case 'update-host':
      return describeHost(step.before);
    case 'enable-host':
    case 'disable-host':
    case 'delete-host':
      return step.host.title;
    case 'create-access-list':
    case 'update-access-list':
    case 'delete-access-list':
      return `access list ${step.name}`;
    case 'create-certificate':
    case 'request-certificate':
    case 'delete-certificate':
      return `certificate ${step.name}`;
  }
}
