import type { RouteStep } from './route-plan.ts';

/** The step as it is told of: without passwords and private keys, which only who carries it out needs. */
export function withoutSecrets(step: RouteStep): RouteStep {
  switch (step.kind) {
    case 'create-access-list':
    case 'update-access-list': {
      const users = step.list.users.map(({ username }) => ({ username, password: '' }));
      return { ...step, list: { ...step.list, users } };
    }
    case 'create-certificate':
      return { ...step, certificate: { ...step.certificate, keyPem: '' } };
    default:
      return step;
  }
}
