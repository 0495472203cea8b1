type Attributes = Readonly<Record<string, unknown>>;

// By their names, as people give them, and by a password inside an address.
const secretName = /PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|(^|_)(KEY|AUTH|DSN|SALT|PWD)($|_)|API_?KEY/i;
const secretValue = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/**
 * Values of variables that look secret become references, because the result goes into a repository. Every other
 * `$` is doubled: it is meant as it is.
 */
export function hideSecrets(
  service: string,
  attributes: Attributes,
): { readonly attributes: Attributes; readonly variables: readonly string[] } {
  const { environment, ...rest } = escapeDollars(attributes) as Attributes;
  if (environment === undefined) return { attributes: rest, variables: [] };
  const variables: string[] = [];
  const entries = Object.entries(environment as Readonly<Record<string, string | null>>).map(
    ([name, value]) => {
      const isSecret = value !== null && value !== '' && (secretName.test(name) || secretValue.test(value));
      if (!isSecret) return [name, value];
      const variable = `${service}_${name}`
        .toUpperCase()
        .replace(/\W/g, '_')
        .replace(/^(?=\d)/, '_');
      variables.push(variable);
      return [name, `\${${variable}:?set it in .env or in app.yaml}`];
    },
  );
  return { attributes: { ...rest, environment: Object.fromEntries(entries) }, variables };
}

function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escapeDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escapeDollars(each)]));
}
