import { checkVerdict } from '../dialogue/check-verdict.ts';
import { at, placeOf } from './places.ts';
import { checksOf, type FilterRule } from './rule.ts';

/** The verdict line of each check says of its answer what grading says of it. */
export const verdictConsistent: FilterRule = {
  id: 'verdict-consistent',
  asks: 'The verdict line of each check says of its answer what grading says of it.',
  thresholds: [],
  ofVerdicts: true,
  measure: (input) => {
    const checked = checksOf(input).filter(({ answer: { verdict } }) => {
      return verdict?.outcome === 'correct' || verdict?.outcome === 'incorrect';
    });
    const words = checked.map(({ check, answer }) => {
      const truth = answer.verdict?.outcome === 'correct' ? 'correct' : 'wrong';
      return { check, answer, truth, said: checkVerdict(check.text) } as const;
    });
    const [first] = words;
    if (!first) return undefined;
    const differing = words.find(({ said, truth }) => said !== truth);
    if (!differing) return { passed: true, value: first.said ?? null, threshold: first.truth };
    const { check, answer, truth, said } = differing;
    const reason = said
      ? `${check.piece} calls ${answer.piece} ${said}; grading says it is ${truth}.`
      : `${check.piece} ends without a verdict line.`;
    const { length } = check.text.trimEnd();
    const place = placeOf(input, check, check.text.lastIndexOf('\n', length - 1) + 1, length);
    return { passed: false, value: said ?? null, threshold: truth, reason, ...at(length > 0 ? [place] : []) };
  },
};
