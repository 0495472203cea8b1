import type { DesiredVolume } from '#domain/desired.ts';

/** What to send to create the volume. */
export function toVolumeBody(volume: DesiredVolume, labels: Readonly<Record<string, string>>): object {
  return {
    Name: volume.name,
    ...(volume.driver === undefined ? {} : { Driver: volume.driver }),
    DriverOpts: volume.driverOpts,
    Labels: labels,
  };
}
