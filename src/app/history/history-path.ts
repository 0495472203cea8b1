import { join } from 'node:path';
import type { Settings } from '../settings/settings.ts';

export function toHistoryPath({ dataDirectory }: Pick<Settings, 'dataDirectory'>): string {
  return join(dataDirectory, 'history.db');
}
