// Paths as text, by the rules of Go's `path` package; nothing here looks at a disk.

export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/');
}

/** `C:\…` or a named pipe: absolute for an engine on Windows. */
export function isWindowsAbsolutePath(path: string): boolean {
  return /^(?:[a-zA-Z]:[\\/]|\\\\)/.test(path);
}

/** Without `.`, doubled and trailing slashes, and without `..` as far as the path itself tells. */
export function normalizePath(path: string): string {
  const isRooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!isRooted) parts.push(part);
  }
  const joined = parts.join('/');
  return isRooted ? `/${joined}` : joined === '' ? '.' : joined;
}

export function joinPath(base: string, path: string): string {
  if (base === '') return normalizePath(path);
  return normalizePath(path === '' ? base : `${base}/${path}`);
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash === -1) return '.';
  return slash === 0 ? '/' : normalizePath(path.slice(0, slash));
}

export function baseName(path: string): string {
  return normalizePath(path).split('/').at(-1) ?? '';
}
