import { explainServerFailure } from '../core/serving/failure.ts';
import { ServingError } from './errors.ts';
import type { NotReady } from './ready.ts';
import type { ServerTemplate } from './servers.ts';

const SHOWN_LINES = 12;

/** What became of a server that did not come up, with its last lines. */
export function inWords(template: ServerTemplate, failure: NotReady, log: string, logFile: string): ServingError {
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const last = lines.slice(-SHOWN_LINES).join('\n').slice(-2_000);
  const known = explainServerFailure(`${log}\n${failure.message}`);
  const slow = 'It was stopped. Give it more time (--wait MINUTES).';
  const advice = failure.why === 'slow' ? slow : (known?.advice ?? 'Mend what its last lines say, and start it again.');
  const why = known && failure.why !== 'slow' ? `${template.name} did not start: ${known.message}.` : failure.message;
  const said = last === '' ? 'It wrote nothing.' : `Its last lines:\n${last}`;
  return new ServingError(`${why} ${said}`, `${advice} All of its log: ${logFile}`);
}
