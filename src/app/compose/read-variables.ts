import { join, resolve } from 'node:path';
import type { Problem } from '#domain/problem.ts';
import { parseEnvText } from '#manifest/compose/load/env-text.ts';
import type { ReadResult, Variables } from '#manifest/compose/load/reading.ts';
import { fileProblem } from '#manifest/place.ts';

export type EnvFileInput = {
  readonly directory: string;
  /** Given by hand: they must be there. Empty: `.env`, if it is there. */
  readonly envFiles: readonly string[];
  /** Of the process: they win. */
  readonly variables: Variables;
  readonly readFile: (path: string) => Promise<ReadResult>;
  readonly nameFile: (path: string) => string;
};

/** The variables of Compose's process with those of the env files. What is wrong is added to `problems`. */
export async function readVariables(input: EnvFileInput, problems: Problem[]): Promise<Variables> {
  const { directory, envFiles, variables, readFile, nameFile } = input;
  const isGiven = envFiles.length > 0;
  const paths = isGiven
    ? envFiles.map((file) => resolve(directory, file))
    : listDefault(directory, variables);
  const found = new Map<string, string>();
  for (const path of paths) {
    const result = await readFile(path);
    if (result.kind === 'read') {
      const lookup = (name: string) => variables.get(name) ?? found.get(name);
      const input = { text: result.text, file: nameFile(path), lookup };
      for (const [name, value] of parseEnvText(input, problems)) found.set(name, value);
    } else if (result.kind === 'missing' && isGiven) {
      problems.push(fileProblem(nameFile(path), "couldn't find env file"));
    } else if (result.kind === 'refused' && (isGiven || !result.message.endsWith('is a directory'))) {
      problems.push(fileProblem(nameFile(path), result.message, result.hint));
    }
  }
  return new Map([...found, ...variables]);
}

function listDefault(directory: string, variables: Variables): readonly string[] {
  const isOff = /^(1|t|true)$/i.test(variables.get('COMPOSE_DISABLE_ENV_FILE') ?? '');
  return isOff ? [] : [join(directory, '.env')];
}
