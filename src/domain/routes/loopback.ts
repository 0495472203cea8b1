/** Whether a published port can be reached from this machine only; '' is every address. */
export function isLoopback(hostIp: string): boolean {
  return /^(?:(?:::ffff:)?127\.|(?:0*:)+0*1$)/i.test(hostIp.replaceAll(/[[\]]/g, ''));
}
