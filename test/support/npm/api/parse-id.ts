import { NpmError } from '../npm-error.ts';

/** The id in the path of a GET, which NPM checks. @throws 400 "Internal Error" when it is no integer from 1 on */
export function parseId(text: string): number {
  const id = Number(text);
  if (text === '' || !Number.isInteger(id) || id < 1) {
    throw new NpmError(400, 'data/id must be integer', { isPublic: false });
  }
  return id;
}

/** The id in the path of any other method, which NPM does not check: NaN when it is none. */
export function readId(text: string | undefined): number {
  return Number.parseInt(text ?? '', 10);
}
