import type { RouteStep } from '#domain/routes/route-plan.ts';
import type { RouteStepResult } from '#ports/proxy.ts';
import { createHost } from './create-host.ts';
import { deleteCertificate } from './delete-certificate.ts';
import { deleteHost } from './delete-host.ts';
import { demandOwner } from './demand-owner.ts';
import type { NpmDeps } from './npm-deps.ts';
import { requestCertificate } from './request-certificate.ts';
import { disableHost, enableHost } from './switch-host.ts';
import { updateHost } from './update-host.ts';
import { createCertificate } from './upload-certificate.ts';
import { createAccessList, deleteAccessList, updateAccessList } from './write-access-lists.ts';

/** Carries one step out and reads back what has come of it. @throws ProxyError */
export async function runRouteStep(
  step: RouteStep,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  await demandOwner(step, deps.client, signal);
  switch (step.kind) {
    case 'create-host':
      return createHost(step, deps, signal);
    case 'update-host':
      return updateHost(step, deps, signal);
    case 'disable-host':
      return disableHost(step.host, deps, signal);
    case 'enable-host':
      return enableHost(step.host, deps, signal);
    case 'delete-host':
      await deleteHost(step.host, deps, signal);
      return {};
    case 'create-access-list':
      return createAccessList(step, deps, signal);
    case 'update-access-list':
      return updateAccessList(step, deps, signal);
    case 'delete-access-list':
      return deleteAccessList(step, deps, signal);
    case 'create-certificate':
      return createCertificate(step, deps, signal);
    case 'request-certificate':
      return requestCertificate(step, deps, signal);
    case 'delete-certificate':
      return deleteCertificate(step, deps, signal);
  }
}
