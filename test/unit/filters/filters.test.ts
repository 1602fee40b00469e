import { describe, expect, it } from 'vitest';
import { FILTERS, type FilterInput, runFilters } from '../../../src/core/filters/index.ts';
import { FilterSettings, type PieceRecord, type Verdict } from '../../../src/core/model/index.ts';

const settings = FilterSettings.parse({});
const right: Verdict = { outcome: 'correct', method: 'number', extracted: '15' };
const wrong: Verdict = { outcome: 'incorrect', method: 'number', extracted: '14' };

const pieces: PieceRecord[] = [
  { piece: 'answer[1]', text: 'Seven and eight make fourteen, so \\boxed{14}.', verdict: wrong, finish: 'stop' },
  { piece: 'check[1]', text: 'Fourteen is twice seven, and eight is more than seven.\nVerdict: wrong', finish: 'stop' },
  { piece: 'answer[2]', text: 'Seven and three is ten, five more: \\boxed{15}.', verdict: right, finish: 'stop' },
  { piece: 'summary', text: 'From fifteen take eight: seven is left. \\boxed{15}', verdict: right, finish: 'stop' },
];
const good: FilterInput = { class: 'FT', text: pieces.map((piece) => piece.text).join('\n\n'), pieces, verdict: right };

function withPiece(name: string, change: Partial<PieceRecord>): FilterInput {
  const changed = pieces.map((piece) => (piece.piece === name ? { ...piece, ...change } : piece));
  return { ...good, pieces: changed, text: changed.map((piece) => piece.text).join('\n\n') };
}

const failing = (input: FilterInput): string[] =>
  runFilters(input, settings)
    .filter((filter) => !filter.passed)
    .map((filter) => filter.id);

describe('filters', () => {
  it('pass a good chain, each with its measured value', () => {
    expect(runFilters(good, settings).map((filter) => [filter.id, filter.passed])).toEqual(
      FILTERS.map((rule) => [rule.id, true]),
    );
  });

  const cases: [string, FilterInput][] = [
    ['gradable', { ...good, verdict: { outcome: 'unknown', method: 'none', extracted: '15' } }],
    ['final-correct', { ...good, verdict: wrong }],
    ['verdict-consistent', withPiece('check[1]', { text: 'Seven and eight is fine as it is.\nVerdict: correct' })],
    ['verdict-consistent', withPiece('check[1]', { text: 'Seven and eight is not fourteen at all.' })],
    ['one-box', withPiece('summary', { text: 'It is \\boxed{15}, I say \\boxed{15}.' })],
    ['one-box', withPiece('summary', { text: 'It is fifteen, as I say: \\boxed{15' })],
    ['min-length', withPiece('check[1]', { text: 'Verdict: wrong' })],
    ['finished', withPiece('answer[1]', { finish: 'length' })],
    ['no-leak', withPiece('answer[2]', { text: 'The correct answer is given as fifteen. \\boxed{15}' })],
    ['no-leak', withPiece('check[1]', { text: 'No: the right answer is 15, not fourteen.\nVerdict: wrong' })],
    ['repetition', { ...good, text: 'one two three four five '.repeat(40) }],
    ['repetition', { ...good, text: `${'Let me add them again.\n'.repeat(4)}Done.` }],
  ];
  it.each(cases)('%s rejects, alone and with a reason', (id, input) => {
    expect(failing(input)).toContain(id);
    expect(runFilters(input, settings).find((filter) => filter.id === id)?.reason).toBeTruthy();
    if (id !== 'gradable') expect(failing(input)).toEqual([id]);
  });

  it('takes a value that merely occurs in a check for no leak', () => {
    expect(
      failing(withPiece('check[1]', { text: 'There were 15 apples in the story, which is odd.\nVerdict: wrong' })),
    ).toEqual([]);
  });

  it('asks a trace for nothing that only a dialogue has', () => {
    const trace: FilterInput = {
      class: undefined,
      text: 'A long thought that ends in \\boxed{15} and again \\boxed{15}',
      pieces: [{ piece: 'trace', text: 'A long thought that ends in \\boxed{15} and again \\boxed{15}' }],
      verdict: right,
    };
    expect(runFilters(trace, settings).map((filter) => filter.id)).toEqual([
      'gradable',
      'final-correct',
      'one-box',
      'min-length',
      'no-leak',
      'repetition',
    ]);
    expect(failing(trace)).toEqual([]);
  });
});
