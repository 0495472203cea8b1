import type { HostPolicy } from '#domain/host-policy.ts';
import type { ComposeProject } from '../compose/project/compose-project.ts';
import type { RouteOptionsDocument } from './route-document.ts';

/** What routes are resolved with. */
export type RouteScene = {
  /** Puts variables in. @throws InvalidValue */
  readonly text: (value: string) => string;
  readonly defaults: RouteOptionsDocument;
  /** Of the fleet. */
  readonly domain: string | undefined;
  /** The one that a route has which names none. @throws InvalidValue when there is none */
  readonly defaultHost: () => string;
  readonly policy: HostPolicy;
  /** Absent for routes of no app, which lead to addresses. */
  readonly app?: RoutedApp;
};

export type RoutedApp = {
  readonly name: string;
  /** Of the shorthand. */
  readonly port: string | undefined;
  readonly project: ComposeProject;
  /** Services that no chosen profile has. */
  readonly inactive: ReadonlyMap<string, unknown>;
  /** The fleet's. */
  readonly network: string | undefined;
};
