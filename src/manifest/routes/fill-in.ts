import type { Variables } from '../compose/load/reading.ts';
import { InvalidValue } from '../place.ts';
import { interpolate } from '../text/interpolate.ts';

/** With variables put in. One that is not set must not make another host of it. @throws InvalidValue */
export function fillIn(text: string, variables: Variables): string {
  return interpolate(text, (name) => variables.get(name), {
    onUnset: (name) => {
      throw new InvalidValue(
        `the variable ${name} is not set`,
        'set it in variables, or give it a default: ${…:-…}',
      );
    },
  });
}
