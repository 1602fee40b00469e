import { checkVerdict } from '../dialogue/check-verdict.ts';
import { type FilterRule, pieceOf } from './rule.ts';

/** The check's verdict line says of answer[1] what grading says of it. */
export const verdictConsistent: FilterRule = {
  id: 'verdict-consistent',
  measure: (input) => {
    const check = pieceOf(input, 'check[1]');
    const outcome = pieceOf(input, 'answer[1]')?.verdict?.outcome;
    if (!check || (outcome !== 'correct' && outcome !== 'incorrect')) return undefined;
    const said = checkVerdict(check.text);
    const truth = outcome === 'correct' ? 'correct' : 'wrong';
    if (said === truth) return { passed: true, value: said, threshold: truth };
    const reason = said
      ? `The check calls the first answer ${said}; grading says it is ${truth}.`
      : 'The check ends without a verdict line.';
    return { passed: false, value: said ?? null, threshold: truth, reason };
  },
};
