import { InvalidValue, type Place } from '../place.ts';

/** An InvalidValue becomes an error at the place, and the result is undefined. */
export async function attempt<T>(place: Place, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    place.error(error.message, error.hint);
    return undefined;
  }
}
