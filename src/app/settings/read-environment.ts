import type { Problem } from '#domain/problem.ts';
import { findNearestName } from '#manifest/schema/nearest-name.ts';
import { describeReadFault, type FoundSetting, type FoundSettings, type ReadFile } from './found-setting.ts';
import { type SettingRow, toVariable } from './setting-row.ts';
import { settingsFileVariable, settingsTable } from './settings-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const rowsByVariable = new Map<string, SettingRow>(settingsTable.map((row) => [toVariable(row.path), row]));

/** Settings from `SHOREFAST_…` and `SHOREFAST_…_FILE`. An empty variable is one that is not set. */
export async function readEnvironment(env: Environment, readFile: ReadFile): Promise<FoundSettings> {
  const found: FoundSetting[] = [];
  const problems: Problem[] = [];
  for (const [variable, text] of Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith('SHOREFAST_') || variable === settingsFileVariable || !text) continue;
    const { row, isFile } = findRow(variable);
    if (row === undefined) {
      problems.push(unknownVariable(variable));
    } else if (!isFile) {
      found.push(fromVariable(row, variable, text));
    } else if (env[toVariable(row.path)]) {
      problems.push(variableProblem(variable, `${toVariable(row.path)} is set too: only one of them may be`));
    } else {
      await readFile(text).then(
        (content) => found.push(fromVariable(row, variable, content.replace(/\r?\n$/, ''))),
        (error: unknown) => problems.push(variableProblem(variable, `${text}: ${describeReadFault(error)}`)),
      );
    }
  }
  return { found: [...foreignVariables(env), ...found], problems };
}

/** The exact name goes first: `docker.configFile` ends in `_FILE` by itself. */
function findRow(variable: string): { row: SettingRow | undefined; isFile: boolean } {
  const exact = rowsByVariable.get(variable);
  if (exact !== undefined) return { row: exact, isFile: false };
  const isFile = variable.endsWith('_FILE');
  return { row: isFile ? rowsByVariable.get(variable.slice(0, -'_FILE'.length)) : undefined, isFile };
}

/** `DOCKER_HOST` and the like; they come first, so that our own variables win over them. */
function foreignVariables(env: Environment): readonly FoundSetting[] {
  return settingsTable.flatMap((row: SettingRow) => {
    const text = row.fallbackVariable === undefined ? undefined : env[row.fallbackVariable];
    return text ? [fromVariable(row, row.fallbackVariable ?? '', text)] : [];
  });
}

function fromVariable(row: SettingRow, variable: string, raw: string): FoundSetting {
  return {
    row,
    raw,
    source: { kind: 'environment', name: variable },
    place: { file: 'environment', path: variable },
  };
}

function unknownVariable(variable: string): Problem {
  const base = variable.replace(/_FILE$/, '');
  const names = [...rowsByVariable.keys(), settingsFileVariable];
  const nearest = findNearestName(variable, names) ?? findNearestName(base, names);
  const hint = nearest === undefined ? 'see "shorefast settings"' : `did you mean ${nearest}?`;
  return variableProblem(variable, 'there is no such setting', hint);
}

function variableProblem(path: string, message: string, hint?: string): Problem {
  return { severity: 'error', file: 'environment', path, message, ...(hint !== undefined && { hint }) };
}
