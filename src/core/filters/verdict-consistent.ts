import { checkVerdict } from '../dialogue/check-verdict.ts';
import { at, placeOf } from './places.ts';
import { checksOf, type FilterRule } from './rule.ts';

export const verdictConsistent: FilterRule = {
  id: 'verdict-consistent',
  asks: 'The verdict line of each check agrees with the grading of its answer.',
  thresholds: [],
  ofVerdicts: true,
  measure: (input) => {
    const checked = checksOf(input).filter(({ answer: { verdict } }) => {
      return verdict?.outcome === 'correct' || verdict?.outcome === 'incorrect';
    });
    const verdicts = checked.map(({ check, answer }) => {
      const truth = answer.verdict?.outcome === 'correct' ? 'correct' : 'wrong';
      return { check, answer, truth, claim: checkVerdict(check.text) } as const;
    });
    const [first] = verdicts;
    if (!first) return undefined;
    const differing = verdicts.find(({ claim, truth }) => claim !== truth);
    if (!differing) return { passed: true, value: first.claim ?? null, threshold: first.truth };
    const { check, answer, truth, claim } = differing;
    const reason = claim
      ? `${check.piece} calls ${answer.piece} ${claim}; it is graded ${truth}.`
      : `${check.piece} ends without a verdict line.`;
    const { length } = check.text.trimEnd();
    const place = placeOf(input, check, check.text.lastIndexOf('\n', length - 1) + 1, length);
    return { passed: false, value: claim ?? null, threshold: truth, reason, ...at(length > 0 ? [place] : []) };
  },
};
