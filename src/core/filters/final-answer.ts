import { finishOutcome } from '../models/reply-outcome.ts';
import { answerPlace } from '../review/answer-place.ts';
import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

export const finalCorrect: FilterRule = {
  id: 'final-correct',
  asks: 'The final answer equals the gold answer.',
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

export const gradable: FilterRule = {
  id: 'gradable',
  asks: 'The final answer and the gold answer can be read.',
  thresholds: [],
  ofVerdicts: true,
  measure: ({ verdict: { extracted, outcome, detail } }) => {
    if (extracted !== undefined && outcome !== 'unknown') return { passed: true, value: extracted, threshold: null };
    const reason = detail ?? 'No final answer could be read.';
    return { passed: false, value: extracted ?? null, threshold: null, reason };
  },
};

export const finished: FilterRule = {
  id: 'finished',
  asks: 'Every piece ended by itself (`finish_reason` is `stop`, `eos`, `end_turn`, `stop_sequence` or a synonym), not at the token limit, by a content filter or by an error.',
  thresholds: [],
  measure: (input) => {
    const known = input.pieces.filter((piece) => piece.finish !== undefined);
    if (known.length === 0) return undefined;
    const truncated = known.find((piece) => finishOutcome(piece.finish ?? '') !== 'answered');
    if (!truncated) return { passed: true, value: 'stop', threshold: 'stop' };
    const segment = input.segments?.find(({ piece }) => piece === truncated.piece);
    // Marks the last line before the end.
    const end = segment?.end ?? input.text.length;
    const start = input.text.lastIndexOf('\n', input.text.slice(0, end).trimEnd().length - 1) + 1;
    const reason = `${truncated.piece} ended with “${truncated.finish}”.`;
    const place = at(start < end ? [{ start, end }] : []);
    return { passed: false, value: truncated.finish ?? null, threshold: 'stop', reason, ...place };
  },
};
