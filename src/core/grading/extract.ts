import { bareAnswer } from './extract/bare.ts';
import { lastBox } from './extract/boxes.ts';
import type { ExtractedAnswer } from './extract/found.ts';
import { lastStatement, laterStatement } from './extract/statements.ts';
import { answerRegions } from './extract/thought.ts';

export type { ExtractedAnswer } from './extract/found.ts';

export interface ExtractOptions {
  /** Also take a short text, a last line of mathematics, or a concluding sentence as the answer (`how: 'bare'`). Default false. */
  readonly bare?: boolean;
}

/**
 * Finds the final answer of a response: the last complete `\boxed{}` (or a run of boxes joined by commas or “and”), else what follows the last
 * “answer is” or “Answer:”, else the last `#### 18`. A “final answer is 12” after the last box has priority over the box.
 * A closed thought counts only if nothing follows it; an unfinished thought never counts. Undefined if there is no answer. Offsets are UTF-16 code units.
 */
export function extractAnswer(text: string, options: ExtractOptions = {}): ExtractedAnswer | undefined {
  for (const region of answerRegions(text)) {
    const box = lastBox(text, region);
    if (box !== undefined) return laterStatement(text, { start: box.end, end: region.end }, box) ?? box;
    const answer = lastStatement(text, region) ?? (options.bare ? bareAnswer(text, region) : undefined);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
