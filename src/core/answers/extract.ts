import { bareAnswer } from './extract/bare.ts';
import { lastBox } from './extract/boxes.ts';
import type { ExtractedAnswer } from './extract/found.ts';
import { lastStatement } from './extract/statements.ts';
import { answerRegions } from './extract/thought.ts';

export type { ExtractedAnswer } from './extract/found.ts';

export interface ExtractOptions {
  /** Also take a short text, a last line of mathematics, or a concluding sentence as the answer (`how: 'bare'`). Default false. */
  readonly bare?: boolean;
}

/**
 * Finds the final answer of a response: the last complete `\boxed{}` (or a run of boxes joined by commas or “and”), else what follows the last
 * “answer is” or “Answer:”, else the last `#### 18`. What a closed thought holds counts only when nothing follows it that can be graded; what an
 * unfinished thought holds never counts. Undefined when there is no answer. Offsets are UTF-16 code units.
 */
export function extractAnswer(text: string, options: ExtractOptions = {}): ExtractedAnswer | undefined {
  const regions = answerRegions(text);
  let words: ExtractedAnswer | undefined;
  for (const region of regions) {
    const answer = lastBox(text, region) ?? lastStatement(text, region);
    if (answer !== undefined) return answer;
    const bare = options.bare ? bareAnswer(text, region) : undefined;
    // Behind a thought, mere words (“Done.”) do not outdo an answer inside it.
    if (bare !== undefined && /[\d\\√]/.test(bare.answer)) return bare;
    words ??= bare;
  }
  return words;
}
