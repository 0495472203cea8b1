import type { ContainerSpec, Healthcheck } from '#domain/container-spec.ts';
import type { Place } from '../../place.ts';
import { parseDuration } from '../../text/duration.ts';
import { toCapabilities } from '../capabilities.ts';
import type { ComposeHealthcheck, ComposeService } from '../project/compose-project.ts';
import { given, nonEmpty, nonEmptyMap, nonFalse, nonZero } from './given.ts';

/** What runs in the container, and as whom. */
export function toProcess(service: ComposeService, place: Place) {
  const { working_dir: workingDir, stop_grace_period: grace, healthcheck, logging } = service;
  const graceMs = toMs(grace, place.at('stop_grace_period'));
  if (workingDir !== undefined && !workingDir.startsWith('/')) {
    place.at('working_dir').warn(`"${workingDir}" is not an absolute path, and an engine refuses it`);
  }
  return {
    command: service.command,
    entrypoint: service.entrypoint,
    labels: service.labels ?? {},
    capAdd: toCapabilities(service.cap_add ?? []),
    capDrop: toCapabilities(service.cap_drop ?? []),
    expose: [...new Set(service.expose)],
    ...given({
      platform: nonFalse(service.platform),
      annotations: nonEmptyMap(service.annotations),
      user: nonFalse(service.user),
      workingDir: nonFalse(workingDir),
      hostname: nonFalse(service.hostname),
      domainname: nonFalse(service.domainname),
      macAddress: nonFalse(service.mac_address),
      tty: nonFalse(service.tty),
      stdinOpen: nonFalse(service.stdin_open),
      // false is kept: it overrides the engine's own default.
      init: service.init,
      readOnly: nonFalse(service.read_only),
      privileged: nonFalse(service.privileged),
      stopSignal: nonFalse(service.stop_signal),
      stopGraceSeconds: graceMs === undefined ? undefined : Math.trunc(graceMs / 1000),
      healthcheck:
        healthcheck === undefined ? undefined : toHealthcheck(healthcheck, place.at('healthcheck')),
      logging:
        logging === undefined
          ? undefined
          : { ...given({ driver: nonFalse(logging.driver) }), options: logging.options ?? {} },
      extraHosts: nonEmpty(service.extra_hosts?.map((entry) => entry.replace('=', ':'))),
      dns: nonEmpty(service.dns),
      dnsSearch: nonEmpty(service.dns_search),
      dnsOptions: nonEmpty(service.dns_opt),
    }),
  } satisfies Partial<ContainerSpec>;
}

/** Zero values are left out: to the engine they mean its defaults. */
function toHealthcheck(check: ComposeHealthcheck, place: Place): Healthcheck {
  const ms = (key: 'interval' | 'timeout' | 'start_period' | 'start_interval') =>
    nonZero(toMs(check[key], place.at(key)));
  if (check.start_interval !== undefined && check.start_period === undefined) {
    place
      .at('start_interval')
      .error('needs start_period, or it has no effect', 'declare start_period as well');
  }
  return given({
    test: check.disable === true ? ['NONE'] : nonEmpty(check.test),
    intervalMs: ms('interval'),
    timeoutMs: ms('timeout'),
    startPeriodMs: ms('start_period'),
    startIntervalMs: ms('start_interval'),
    retries: nonZero(check.retries),
  });
}

function toMs(text: string | undefined, place: Place): number | undefined {
  return text === undefined ? undefined : place.attempt(() => parseDuration(text));
}
