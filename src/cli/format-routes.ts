import type { RouteView } from '#contract/routes.ts';
import { formatTable } from './format-table.ts';
import { toPrintable } from './printable.ts';

export function formatRoutes(routes: readonly RouteView[], isWide: boolean): string {
  const header = [
    'ROUTE',
    'LEADS TO',
    'STATE',
    ...(isWide ? ['STACK', 'NAME', 'ID', 'CERTIFICATE', 'EXPIRES'] : []),
    'MESSAGE',
  ];
  const rows = routes.map((route) => [
    route.entries.join(','),
    route.leadsTo,
    route.state,
    ...(isWide
      ? [
          route.stack ?? '',
          route.name,
          String(route.id ?? ''),
          route.certificate ?? '',
          route.certificateExpires ?? '',
        ]
      : []),
    toPrintable(route.message),
  ]);
  return formatTable(header, rows);
}
