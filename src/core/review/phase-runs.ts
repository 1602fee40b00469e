import { z } from 'zod';
import { Phase } from '../schemas/index.ts';

/** Neighbouring sentences of one phase: `[start, end)` of the text in UTF-16 code units. */
export const PhaseRun = z.object({
  phase: Phase,
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** End of its first sentence. */
  firstEnd: z.number().int().nonnegative(),
  sentences: z.number().int().positive(),
});
export type PhaseRun = z.infer<typeof PhaseRun>;

/** Groups the sentences of a text, which are in order, into runs of one phase. */
export function phaseRuns(sentences: readonly { start: number; end: number; phase: Phase }[]): PhaseRun[] {
  const runs: PhaseRun[] = [];
  for (const { start, end, phase } of sentences) {
    const last = runs.at(-1);
    if (last?.phase === phase) {
      last.end = end;
      last.sentences += 1;
    } else {
      runs.push({ phase, start, end, firstEnd: end, sentences: 1 });
    }
  }
  return runs;
}
