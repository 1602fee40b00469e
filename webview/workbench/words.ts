import type { TriedPiece } from '../../src/protocol/workbench.ts';

/** As much of a hash as tells two apart on a screen. */
export const shortHash = (hash: string): string => hash.slice(0, 8);

/** `42 tokens · 1.2 s · seed 7 · stop · from the journal`. */
export function callFacts({ reply, seed, reused }: TriedPiece): string {
  const tokens = `${reply.usage.estimated ? 'about ' : ''}${reply.usage.completion.toLocaleString('en')} tokens`;
  const seconds = `${(reply.ms / 1000).toFixed(1)} s`;
  const finish = reply.finish === 'length' ? 'cut off at the limit' : reply.finish;
  return [tokens, seconds, `seed ${seed}`, finish, ...(reused ? ['from the journal'] : [])].join(' · ');
}

/** What came of a piece, in a word or two, and how it is to look. */
export function outcomeOf({ verdict, check }: TriedPiece): { words: string; look: string } {
  if (verdict) return { words: verdict.outcome, look: `outcome-${verdict.outcome}` };
  if (!check || check.says === null) return { words: 'no verdict line', look: 'dim' };
  if (check.agrees === null) return { words: `says ${check.says}`, look: 'dim' };
  const look = check.agrees ? 'outcome-correct' : 'outcome-incorrect';
  return { words: `says ${check.says}, ${check.agrees ? 'as grading does' : 'grading does not'}`, look };
}
