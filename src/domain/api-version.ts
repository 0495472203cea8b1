/** From here on a container can be created with all its networks, each with its own MAC address. */
export const multiEndpointApiVersion = '1.44';

/** < 0 when `a` is older than `b`. Versions are two numbers, not a fraction: 1.5 is older than 1.41. */
export function compareApiVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
