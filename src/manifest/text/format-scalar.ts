export type Scalar = string | number | boolean;

/** A YAML value as Docker Compose writes it where text is needed: `1.50` becomes `1.5`, `1e3` becomes `1000`. */
export function formatScalar(value: Scalar): string {
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

// Of floats, Go writes exponents from 1e-5 down and from 1e6 up (go-scalars.ts keeps whole ones as text), in
// two digits at least.
function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Number.isInteger(value)) return Object.is(value, -0) ? '-0' : String(value);
  return formatFloat(value);
}

export function formatFloat(value: number): string {
  const magnitude = Math.abs(value);
  const isPlain = magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6);
  const text = isPlain ? String(value) : value.toExponential();
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
