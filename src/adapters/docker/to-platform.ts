const architectures: Readonly<Record<string, string>> = {
  i386: '386',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm/v7',
  armel: 'arm/v6',
};

/** `linux/x86_64` → `linux/amd64`, `arm64` → `linux/arm64`: the spelling that Docker's own client sends. */
export function toPlatform(declared: string): string {
  const parts = declared.toLowerCase().split('/');
  const [first = '', ...rest] = parts;
  const isSystem = parts.length > 1 || ['linux', 'windows', 'darwin', 'freebsd'].includes(first);
  const [architecture = '', variant] = isSystem ? rest : parts;
  const system = isSystem ? (first === 'macos' ? 'darwin' : first) : 'linux';
  if (architecture === '') return system;
  const known = architectures[architecture] ?? architecture;
  const told = variant === undefined ? '' : `/${variant.replace(/^(?=\d)/, 'v')}`;
  // What every processor of its kind has is left out.
  return `${system}/${known}${told}`
    .replace(/amd64\/v1$/, 'amd64')
    .replace(/\/arm\/v7$/, told ? '/arm/v7' : '/arm');
}
