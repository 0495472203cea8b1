import type { FileTree } from '#domain/file-tree.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import type { DesiredProxy, DesiredRoute } from '#domain/routes/desired-route.ts';
import { createAppFiles } from '../app-files.ts';
import type { SecretHasher } from '../hash-secret.ts';
import type { Fleet } from '../load-fleet.ts';
import type { ManifestLimits } from '../manifest-limits.ts';
import { createPlace, InvalidValue } from '../place.ts';
import { readDocument } from '../read-document.ts';
import { formatScalar } from '../text/format-scalar.ts';
import { resolveAccessLists } from './access-lists.ts';
import { resolveCertificates } from './certificates.ts';
import { fillIn } from './fill-in.ts';
import { hideSecrets } from './hide-secrets.ts';
import { declareRoutes, listDesired, resolveRoutes } from './resolve-routes.ts';
import type { RoutesFileDocument } from './route-document.ts';

export const routesFileName = 'routes.yaml';

export type ProxyInput = {
  readonly tree: FileTree;
  readonly fleet: Fleet;
  readonly policy: HostPolicy;
  readonly limits: ManifestLimits;
  readonly hashSecret: SecretHasher;
  readonly nowMs: number;
  /** Whether there is a routes.yaml. */
  readonly hasRoutesFile: boolean;
};

/** What the fleet wants of the proxy beside the routes of the apps; undefined: nothing, or unknown for an error. */
export type LoadedProxy = { readonly proxy: DesiredProxy | undefined; readonly problems: readonly Problem[] };

export async function loadProxy(input: ProxyInput): Promise<LoadedProxy> {
  const { fleet, tree, limits, hashSecret, nowMs } = input;
  const files = createAppFiles(tree, '', limits.maxFileBytes);
  const problems: Problem[] = [];
  const { document: fleetFile } = fleet;
  const { accessLists = {}, certificates = {} } = fleet.proxy;
  const place = createPlace(fleetFile, ['spec', 'proxy'], problems);
  const proxy: DesiredProxy = {
    routes: input.hasRoutesFile ? await loadRoutesFile(input, problems) : [],
    accessLists: await resolveAccessLists(accessLists, { place: place.at('accessLists'), files, hashSecret }),
    certificates: await resolveCertificates(certificates, { place: place.at('certificates'), files, nowMs }),
  };
  const isNothing = Object.values(proxy).every((list) => list.length === 0);
  return { proxy: hasErrors(problems) || isNothing ? undefined : proxy, problems: problems.map(hideSecrets) };
}

async function loadRoutesFile(
  { tree, fleet, policy, limits }: ProxyInput,
  problems: Problem[],
): Promise<readonly DesiredRoute[]> {
  const files = createAppFiles(tree, '', limits.maxFileBytes);
  const read = await readDocument(files, routesFileName, { file: routesFileName, schema: 'routes', limits });
  if (read.kind === 'faulty') {
    problems.push(...read.problems);
    return [];
  }
  const spec = (read.document.value as RoutesFileDocument).spec ?? {};
  const place = createPlace(read.document, ['spec'], problems);
  const variables = new Map(
    Object.entries(fleet.variables).map(([name, value]) => [name, formatScalar(value)]),
  );
  const declared = declareRoutes([{ ...spec, place }], { isImplied: false, place });
  const resolved = resolveRoutes(declared, {
    text: (value) => fillIn(value, variables),
    defaults: fleet.routes,
    domain: fleet.desired.domain,
    defaultHost: () => {
      throw new InvalidValue('which host?', 'set host, hosts or subdomain');
    },
    policy,
  });
  return listDesired(resolved);
}
