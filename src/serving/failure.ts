import { errorLines, explainServerFailure } from '../core/serving/failure.ts';
import { ServingError } from './errors.ts';
import type { NotReady } from './ready.ts';
import type { ServerTemplate } from './servers.ts';

const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 2_000;

/**
 * What became of a server that did not come up, with what it said of it.
 * @param log its end when it was given up: what it writes while it is stopped tells nothing.
 */
export function inWords(template: ServerTemplate, failure: NotReady, log: string, logFile: string): ServingError {
  const { why, message } = failure;
  const known = why === 'refused' ? explainServerFailure(message) : explainServerFailure(`${log}\n${message}`);
  const slow = 'It was stopped. Give it more time (--wait MINUTES).';
  const advice = why === 'slow' ? slow : (known?.advice ?? 'Mend what it says, and start it again.');
  const begin = known && why !== 'slow' ? `${template.name} did not start: ${known.message}.` : message;
  const said = why === 'refused' ? (known ? message : '') : lastWords(log);
  return new ServingError(`${begin} ${said}`.trim(), `${advice} All of its log: ${logFile}`);
}

function lastWords(log: string): string {
  const errors = errorLines(log);
  if (errors.length > 0) return `It said:\n${errors.join('\n').slice(0, SHOWN_CHARACTERS)}\n`;
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (lines.length === 0) return 'It wrote nothing.';
  return `Its last lines:\n${lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_CHARACTERS)}\n`;
}
