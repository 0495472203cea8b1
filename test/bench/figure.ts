/** One thing measured. With a bound, a value above it breaks the run. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  /** `ms`, `MB`, `calls`, … ; '' for a ratio. */
  readonly unit: string;
  readonly bound?: number;
  /** What it cannot get below, or why it is as it is; said once for each group of figures. */
  readonly limitedBy?: string;
};

export type BenchOptions = {
  /** Shorter, for trying: fewer rounds, less waiting. Its figures are not to be told. */
  readonly quick: boolean;
};

export function isWithinBound({ value, bound }: Figure): boolean {
  // What could not be measured (NaN) is within no bound.
  return bound === undefined || value <= bound;
}

export function formatFigure(figure: Figure): string {
  const { what, value, unit, bound, limitedBy } = figure;
  const figureText = `${formatValue(value)} ${unit}`.trimEnd();
  const verdict = bound === undefined ? '' : `${isWithinBound(figure) ? 'within' : 'ABOVE'} ${bound} ${unit}`;
  const line = `  ${what.padEnd(74)} ${figureText.padStart(12)}  ${verdict}`.trimEnd();
  return limitedBy === undefined ? line : `${line}\n      limited by: ${limitedBy}`;
}

function formatValue(value: number): string {
  return value.toFixed(value < 10 && !Number.isInteger(value) ? 2 : 0);
}
