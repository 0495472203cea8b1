type Labels = Readonly<Record<string, string>>;

/** Whether what exists carries every label that we would have given it. */
export function hasLabels(found: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
}
