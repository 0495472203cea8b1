type Given<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without what is undefined: absent is what "not declared" looks like in a spec, and in its hash. */
export function given<T extends Readonly<Record<string, unknown>>>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** Undefined instead of an empty list. */
export function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Undefined instead of an empty mapping. */
export function nonEmptyMap<T>(
  map: Readonly<Record<string, T>> | undefined,
): Readonly<Record<string, T>> | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : map;
}

/** Undefined instead of zero, which to the engine is the same. */
export function nonZero(value: number | string | undefined): number | undefined {
  const number = Number(value ?? 0);
  return number === 0 ? undefined : number;
}

/** Undefined instead of false or '', which to the engine are the same. */
export function nonFalse<T extends boolean | string>(value: T | undefined): T | undefined {
  return value ? value : undefined;
}
