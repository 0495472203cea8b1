export type Scalar = string | number | boolean;

/** A YAML value as Docker Compose writes it where text is needed: `1.50` becomes `1.5`, `1e3` becomes `1000`. */
export function formatScalar(value: Scalar): string {
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

// Go turns to exponents at 1e-5 (JavaScript at 1e-7) and writes two digits of them.
function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  const magnitude = Math.abs(value);
  const text = magnitude !== 0 && magnitude < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
