/**
 * Prometheus text in the OpenMetrics dialect. prom-client can write it too, but renames its counters for
 * good while doing so: after the first such scrape the plain format would lose every `_total`.
 */
export function toOpenMetrics(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^# (HELP|TYPE) (\S+)_total /, '# $1 $2 '));
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

/** Prometheus asks with a weighted list; whoever names OpenMetrics 1.x without refusing it gets it. */
export function wantsOpenMetrics(accept: string): boolean {
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === 'application/openmetrics-text' && !parameters.some((part) => /^q=0(\.0*)?$/.test(part));
  });
}
