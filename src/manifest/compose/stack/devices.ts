import type { ContainerSpec, Device, DeviceRequest } from '#domain/container-spec.ts';
import type { ComposeDevice, ComposeDeviceRequest, ComposeService } from '../project/compose-project.ts';
import { given, nonEmpty, nonEmptyMap, nonFalse, nonZero } from './given.ts';

type DeviceSpec = Pick<ContainerSpec, 'devices' | 'deviceCgroupRules' | 'deviceRequests'>;

export function toDevices(service: ComposeService): DeviceSpec {
  const { devices = [], device_cgroup_rules: rules, deploy, gpus = [] } = service;
  const named = devices.filter(isCdiDevice).map(({ source = '' }) => source);
  const requests = [
    ...(deploy?.resources.reservations?.devices ?? []).map((request) => toRequest(request)),
    ...(named.length === 0 ? [] : [{ driver: 'cdi', deviceIds: named, capabilities: [] }]),
    ...gpus.map((request) => toRequest(request, ['gpu'])),
  ];
  return given({
    devices: nonEmpty(devices.filter((device) => !isCdiDevice(device)).map(toDevice)),
    deviceCgroupRules: nonEmpty(rules),
    deviceRequests: nonEmpty(requests),
  });
}

function toDevice({ source = '', target = '', permissions = '' }: ComposeDevice): Device {
  return { source, target, permissions };
}

/** `vendor.example/class=name` is no path: the Container Device Interface knows what is behind it. */
function isCdiDevice({ source = '', target }: ComposeDevice): boolean {
  return source === target && /^[a-zA-Z][\w.-]*\/[a-zA-Z][\w-]*=[a-zA-Z0-9][\w.:-]*$/.test(source);
}

function toRequest(request: ComposeDeviceRequest, further: readonly string[] = []): DeviceRequest {
  return {
    ...given({
      driver: nonFalse(request.driver),
      count: nonZero(request.count),
      deviceIds: nonEmpty(request.device_ids),
      options: nonEmptyMap(request.options),
    }),
    capabilities: [[...(request.capabilities ?? []), ...further]],
  };
}
