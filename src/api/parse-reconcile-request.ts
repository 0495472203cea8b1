import type { ReconcileRequest } from '#contract/status.ts';
import { parseTexts } from './parse-texts.ts';

/** The request, or a sentence about what is wrong with it. */
export function parseReconcileRequest(body: unknown): ReconcileRequest | string {
  return parseTexts(body, ['stack', 'approvePrune']);
}
