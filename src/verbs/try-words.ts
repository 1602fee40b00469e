import type { VerbResult } from '../protocol/verbs.ts';
import type { TriedPiece } from '../protocol/workbench.ts';

/** A piece in one line: `answer[1]: correct, number; 42 tokens, 1.2 s, seed 7, stop, prompt a1b2c3d4`. */
export function triedInWords({ piece, verdict, check, reply, seed, reused, promptHash }: TriedPiece): string {
  const how = verdict ? `${verdict.outcome}, ${verdict.method}` : checkInWords(check);
  const tokens = `${reply.usage.estimated ? 'about ' : ''}${reply.usage.completion} tokens`;
  const paid = reused ? 'from the journal' : `${(reply.ms / 1000).toFixed(1)} s`;
  const prompt = promptHash === '' ? '' : `, prompt ${promptHash.slice(0, 8)}`;
  return `${piece}: ${how}; ${tokens}, ${paid}, seed ${seed}, ${reply.finish}${prompt}`;
}

function checkInWords(check: TriedPiece['check']): string {
  if (!check || check.says === null) return 'without a verdict line';
  if (check.agrees === null) return `says ${check.says}`;
  return `says ${check.says}, which ${check.agrees ? 'grading says too' : 'grading does not say'}`;
}

/** What came of a trial, for a person at a terminal. */
export function trialInWords({ problem, model, pieces, end, refused, calls, reused }: VerbResult<'try'>): string {
  const asked = `${problem} with ${model}: ${calls} calls, ${reused} from the journal.`;
  const texts = pieces.map(({ piece, text }) => `\n── ${piece} ──\n${text.trim()}`);
  const stopped = refused === undefined ? [] : [`\n${refused.piece} was refused: ${refused.reason}`];
  if (!end) return [asked, ...texts, ...stopped].join('\n');
  const failed = end.chain?.filters.filter(({ passed }) => !passed) ?? [];
  const filters = failed.map(({ id, reason }) => `  ${id}: ${reason ?? 'did not pass'}`);
  const chain = end.chain ? `Class ${end.class}; ${end.chain.passed ? 'all filters passed' : 'filters failed:'}` : '';
  return [asked, ...texts, '', ...(chain === '' ? [] : [chain]), ...filters, ...end.notes].join('\n');
}
