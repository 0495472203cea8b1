/** What this thread has computed so far, in milliseconds: on a busy machine time passes without any work being done. */
export function cpuTimeMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
