/** What `work` makes of each item, in their order, while at most `atOnce` are under way. Rejects as the first one does. */
export async function mapBounded<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let isOver = false;

  async function workOn(): Promise<void> {
    for (const [index, item] of queue) {
      results[index] = await work(item);
      if (isOver) return;
    }
  }

  const workers = Array.from({ length: Math.min(atOnce, items.length) }, workOn);
  try {
    await Promise.all(workers);
  } finally {
    isOver = true;
  }
  return results;
}
