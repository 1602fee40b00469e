import { answerPlace } from '../review/answer-place.ts';
import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

/** The chain's final answer equals the gold one. */
export const finalCorrect: FilterRule = {
  id: 'final-correct',
  asks: 'The final answer equals the gold one.',
  thresholds: [],
  ofVerdicts: true,
  measure: ({ verdict, text }) => {
    const passed = verdict.outcome === 'correct';
    if (passed) return { passed, value: verdict.outcome, threshold: 'correct' };
    const place = verdict.extracted === undefined ? undefined : answerPlace(text, 0, text.length, verdict.extracted);
    const reason = `The final answer is graded ${verdict.outcome}.`;
    return { passed, value: verdict.outcome, threshold: 'correct', reason, ...at(place ? [place] : []) };
  },
};
