import type { Evidence } from './history.ts';

const mostLines = 200;
const longestLine = 2_000;
const longestText = 8_000;

/** The end of a log tells why it ended; and one line of megabytes must not fill the store. */
export function toBoundedEvidence(evidence: Evidence): Evidence {
  const { probeOutput, logLines } = evidence;
  return {
    ...evidence,
    reason: evidence.reason.slice(0, longestText),
    ...(probeOutput === undefined ? {} : { probeOutput: probeOutput.slice(0, longestText) }),
    logLines: logLines.slice(-mostLines).map((line) => line.slice(0, longestLine)),
  };
}
