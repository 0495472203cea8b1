// Attributes that are not carried out. None of them is passed over in silence.
import type { Place } from '../../place.ts';
import type { ComposeDeploy, ComposeService } from '../project/compose-project.ts';

const refused: Readonly<Record<string, string>> = {
  provider: 'a service that something else than an engine provides is not supported',
  models: 'models are run by Docker Desktop, not by an engine',
};

const passedOver: Readonly<Record<string, string>> = {
  attach: 'without effect here: it is about the output of `docker compose up`',
  develop: 'without effect here: it is about `docker compose watch`',
  post_start: 'not carried out: commands after the start are not supported yet',
  pre_stop: 'not carried out: commands before the stop are not supported yet',
  credential_spec: 'without effect: only an engine on Windows knows it',
};

/** Says of each attribute that is not carried out what becomes of it. */
export function noteUnused(service: ComposeService, place: Place): void {
  const isDeclared = (key: string) => (service as Readonly<Record<string, unknown>>)[key] !== undefined;
  for (const [key, message] of Object.entries(refused)) {
    if (isDeclared(key)) place.at(key).error(message, 'remove it, or run the service elsewhere');
  }
  for (const [key, message] of Object.entries(passedOver)) {
    if (isDeclared(key)) place.at(key).warn(message);
  }
  if (service.use_api_socket === true) {
    place
      .at('use_api_socket')
      .warn("the engine's socket is mounted; credentials of registries are not handed on");
  }
  if (service.deploy !== undefined) noteSwarm(service.deploy, place.at('deploy'));
  notePullPolicy(service, place.at('pull_policy'));
}

const onlySwarm = 'without effect: only a Swarm knows it';

function noteSwarm(deploy: ComposeDeploy, place: Place): void {
  const { mode, resources, restart_policy: restart, placement } = deploy;
  const { reservations } = resources ?? {};
  const unused: readonly (readonly [key: readonly string[], isUsed: boolean])[] = [
    [['mode'], mode !== undefined && mode !== 'replicated'],
    [['update_config'], deploy.update_config !== undefined],
    [['rollback_config'], deploy.rollback_config !== undefined],
    [['endpoint_mode'], deploy.endpoint_mode !== undefined],
    [['placement'], Object.keys(placement ?? {}).length > 0],
    [['labels'], deploy.labels !== undefined],
    [['resources', 'reservations', 'cpus'], reservations?.cpus !== undefined],
    [['resources', 'reservations', 'generic_resources'], reservations?.generic_resources !== undefined],
    [['restart_policy', 'delay'], restart?.delay !== undefined],
    [['restart_policy', 'window'], restart?.window !== undefined],
  ];
  for (const [key, isUsed] of unused) if (isUsed) place.at(...key).warn(onlySwarm);
}

function notePullPolicy({ pull_policy: policy, build }: ComposeService, place: Place): void {
  if (policy === undefined || ['always', 'never', 'missing', 'if_not_present'].includes(policy)) return;
  if (policy === 'build') {
    if (build === undefined) place.warn('without effect: nothing is built');
    return;
  }
  place.warn(`"${policy}" is not carried out: the image is pulled when it is missing`);
}
