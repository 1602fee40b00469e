import { describe, expect, it } from 'vitest';
import {
  finishOutcome,
  hasUnknownEnd,
  isInterrupted,
  type PieceRecord,
  ReplyCounts,
  sampleOutcome,
} from '../../../src/core/schemas/index.ts';
import { gradedText } from '../../../src/runner/rework/regraded-chain.ts';
import { good, response, resultOf, withPiece } from './subjects.ts';

describe('finished', () => {
  it('fails for a truncated piece and marks its last line', () => {
    expect(resultOf('finished', good)?.passed).toBe(true);
    const truncated = withPiece('answer[1]', { finish: 'length' });
    expect(resultOf('finished', truncated)).toMatchObject({
      passed: false,
      value: 'length',
      reason: 'answer[1] ended with “length”.',
    });
    expect(resultOf('finished', truncated)?.at).toHaveLength(1);
  });

  it('uses the finish of a response and does not apply without one', () => {
    expect(resultOf('finished', response('So it is.', { finish: 'length' }))?.passed).toBe(false);
    expect(resultOf('finished', response('So it is.'))).toBeUndefined();
  });
});

const FINISHES = {
  answered: ['', 'stop', 'eos', 'end_turn', 'stop_sequence', 'STOP', 'COMPLETE'],
  truncated: ['length', 'max_tokens', 'model_length', 'max_output_tokens', 'MAX_TOKENS'],
  blocked: ['content_filter', 'content-filter', 'SAFETY', 'RECITATION', 'sensitive'],
  refused: ['refusal'],
  unfinished: ['error', 'abort', 'insufficient_system_resource', 'tool_calls', 'something_new'],
};

it.each(Object.entries(FINISHES).flatMap(([outcome, all]) => all.map((finish) => [finish, outcome])))(
  '“%s” is %s, also for the filter and when the piece is graded again',
  (finish = '', outcome = '') => {
    expect(finishOutcome(finish)).toBe(outcome);
    expect(sampleOutcome('incorrect', finishOutcome(finish))).toBe(outcome === 'answered' ? 'incorrect' : outcome);
    expect(resultOf('finished', withPiece('answer[1]', { finish }))?.passed).toBe(outcome === 'answered');
    const piece: PieceRecord = { piece: 'trace', text: 'So it is \\boxed{15}', finish };
    const verdict = { outcome: 'unknown', method: 'text' } as const;
    // A truncated thought has no answer: its tag stays open.
    const isTagged = gradedText({ origin: 'imported', pieces: [piece], verdict }, piece) !== piece.text;
    expect(isTagged).toBe(outcome === 'truncated');
  },
);

it('distinguishes errors, tool calls and unknown reasons', () => {
  const all = ['', 'stop', 'length', 'refusal', 'error', 'ABORT', 'network_error', 'tool_calls', 'done'];
  expect(all.filter((finish) => isInterrupted({ finish }))).toEqual(['error', 'ABORT', 'network_error']);
  expect(all.filter((finish) => hasUnknownEnd({ finish }))).toEqual(['done']);
});

it('reads counts of replies of earlier versions', () => {
  expect(ReplyCounts.parse({ answered: 3, truncated: 1, blocked: 0, refused: 0, empty: 0 }).unfinished).toBe(0);
});
