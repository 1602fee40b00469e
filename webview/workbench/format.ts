import { formatOutcome, formatVerdict, replyOutcome, sampleOutcome } from '../../src/core/schemas/index.ts';
import { formatSeconds, plural } from '../../src/core/text/format.ts';
import type { TriedPiece } from '../../src/protocol/workbench.ts';

export const shortHash = (hash: string): string => hash.slice(0, 8);

/** `42 tokens · 1.2 s · seed 7 · stop · from the journal`. */
export function callFacts({ reply, seed, reused }: TriedPiece): string {
  const tokens = `${reply.usage.estimated ? 'about ' : ''}${plural(reply.usage.completion, 'token')}`;
  const seconds = formatSeconds(reply.ms / 1000);
  const ended = replyOutcome(reply);
  const finish = ended === 'answered' ? reply.finish : formatOutcome(ended);
  return [tokens, seconds, `seed ${seed}`, finish, ...(reused ? ['from the journal'] : [])].join(' · ');
}

/** The outcome of a piece in a few words, and its style. */
export function outcomeOf({ verdict, check, reply }: TriedPiece): { text: string; look: string } {
  const ended = replyOutcome(reply);
  if (verdict) {
    return { text: formatVerdict(verdict, ended), look: `outcome-${sampleOutcome(verdict.outcome, ended)}` };
  }
  if (!check || check.says === null) {
    const text = ended === 'answered' ? 'no verdict line' : `${formatOutcome(ended)}, no verdict line`;
    return { text, look: 'dim' };
  }
  if (check.agrees === null) return { text: `verdict line: ${check.says}`, look: 'dim' };
  const look = check.agrees ? 'outcome-correct' : 'outcome-incorrect';
  return { text: `verdict line: ${check.says}, grading ${check.agrees ? 'agrees' : 'disagrees'}`, look };
}
