import { UserError } from '../core/errors.ts';
import { errorLines, explainServerFailure } from '../core/serving/failure.ts';
import { readEnd } from '../system/regular-file.ts';
import type { NotReady } from './ready.ts';
import type { ServerTemplate } from './servers.ts';

const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 2_000;

/**
 * The error for a server that did not start.
 * @param log its end before the server was stopped.
 */
export function startError(template: ServerTemplate, failure: NotReady, log: string, logFile: string): UserError {
  const { why, message } = failure;
  const known = why === 'refused' ? explainServerFailure(message) : explainServerFailure(`${log}\n${message}`);
  const slow = 'The server was stopped. Allow more time with --wait MINUTES.';
  const advice = why === 'slow' ? slow : (known?.advice ?? 'Fix the reported problem, and start it again.');
  const begin = known && why !== 'slow' ? `${template.name} did not start: ${known.message}.` : message;
  const detail = why === 'refused' ? (known ? message : '') : excerptOf(log);
  return new UserError('serving', `${begin} ${detail}`.trim(), `${advice} Full log: ${logFile}`);
}

function excerptOf(log: string): string {
  const errors = errorLines(log);
  if (errors.length > 0) return `Errors:\n${errors.join('\n').slice(0, SHOWN_CHARACTERS)}\n`;
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (lines.length === 0) return 'The log is empty.';
  return `Last lines:\n${lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_CHARACTERS)}\n`;
}

const KEPT = 64 * 1024;

/** The end of a log; empty when there is none. */
export async function endOfLog(path: string): Promise<string> {
  return withoutColours((await readEnd(path, KEPT)).toString('utf8'));
}

/** The last line that is not blank. */
export function lastLine(log: string): string | undefined {
  return log
    .split(/[\r\n]+/)
    .findLast((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 200);
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with an escape
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
