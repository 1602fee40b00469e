import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { falseEqualities } from '../../../src/core/filters/equations.ts';
import { placesOf, response, resultOf, withPiece } from './subjects.ts';

const SHARED = resolve(import.meta.dirname, '../../../../shared/data');
const falseOnes = (text: string): string[] => falseEqualities(text).map(({ start, end }) => text.slice(start, end));

describe('equations', () => {
  it.each([
    ['So 7 + 8 = 14 birds.', '7 + 8 = 14'],
    ['We get \\(3 \\cdot 4 = 13\\).', '3 \\cdot 4 = 13'],
    ['Then $\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}$ of it.', '\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}'],
    ['Now 20% of it: $0.2 \\cdot 50 = 12$.', '0.2 \\cdot 50 = 12'],
    ['It is $\\sqrt{16} = 5$.', '\\sqrt{16} = 5'],
    ['This is $10 / 3 \\approx 4.5$.', '10 / 3 \\approx 4.5'],
  ])('finds the false equation in “%s”', (text, words) => {
    const chain = response(text);
    expect(resultOf('equations', chain)).toMatchObject({ passed: false, value: 1, threshold: 0 });
    expect(placesOf(chain, resultOf('equations', chain))).toEqual([words]);
  });

  it.each([
    'So 7 + 8 = 15, and 10 / 3 = 3.33, 10 / 3 ≈ 3.3.',
    'Half of it is 50% = 0.5, and $0.06 \\cdot 100 = 6\\%$.',
    '17 ÷ 5 = 3 remainder 2, and 17 mod 5 = 2, 7 \\bmod 4 = 3.',
    'Carry on: 2 * 3 = 6 + 1 = 7.',
    'That is $4\\frac{1}{2} = \\frac{9}{2}$ and $\\sqrt[3]{27} = 3$.',
    'There are 6 x 7 = 42 of them, at $3 - $1 = $2.',
    'That would mean 0 = 1, which is impossible.',
    'Wait, 7 + 8 = 14 is not right.',
    'If 2 = 3 then anything follows.',
    '1000 + 24 = 1024, +256 = 1280.',
    '$0.\\overline{3} = 1/3$, and $1/3 = 0.\\overline{3}$',
  ])('accepts “%s”', (text) => {
    expect(falseOnes(text)).toEqual([]);
  });

  it('ignores only the wrong answer and quotations of it', () => {
    const wrongly = withPiece('answer[1]', { text: 'I add: 7 + 8 = 14, so \\boxed{14}.' });
    expect(resultOf('equations', wrongly)).toMatchObject({ passed: true, value: 0 });
    const quoted = (wrongly.pieces ?? []).map((piece) =>
      piece.piece === 'check[1]' ? { ...piece, text: 'There it says 7+8=14 of them.\nVerdict: wrong' } : piece,
    );
    expect(resultOf('equations', { ...wrongly, pieces: quoted })?.passed).toBe(true);
    expect(resultOf('equations', withPiece('answer[2]', { text: 'I add: 7 + 8 = 14, or 15.' }))?.passed).toBe(false);
    expect(
      resultOf('equations', withPiece('answer[2]', { text: '7 + 8 = 14.' }), { maxFalseEquations: 1 })?.passed,
    ).toBe(true);
  });

  it('lets a repaired chain quote its wrong part only', () => {
    const filler = 'They are counted again with great care by all of the children. '.repeat(2);
    const [kept, wrong, rest] = [`First 2 + 2 = 5. ${filler}\n\n`, 'So 7 + 8 = 14.', '\n\nThen 3 + 3 = 7.'];
    const repairs = {
      chain: 'c',
      start: kept.length,
      end: kept.length + wrong.length,
      by: { reviewer: 'ada' },
      call: 'k',
    };
    const repaired = (text: string) => {
      const chain = response(text);
      const old = { piece: 'answer[1]' as const, text: `${kept}${wrong}${rest}` };
      return resultOf('equations', { ...chain, repairs, pieces: [old, { piece: 'response', text }] });
    };
    expect(repaired(`${wrong} No. It is 15.`)?.passed).toBe(true);
    expect(repaired(`${kept}${wrong} No. It is 15.`)).toMatchObject({ passed: false, value: 1 });
    expect(repaired(`${wrong} No. It is 15.${rest}`)).toMatchObject({ passed: false, value: 1 });
  });

  it('is fast for hostile texts', () => {
    for (const text of ['= '.repeat(20_000), '1+'.repeat(20_000), `${'('.repeat(20_000)}=1`, '1=2 '.repeat(10_000)]) {
      expect(falseEqualities(text).length).toBeGreaterThanOrEqual(0);
    }
  });

  it.skipIf(!existsSync(SHARED))('rarely fails for right traces and solutions (needs ../shared/data)', () => {
    const rows = (file: string): Record<string, string>[] =>
      readFileSync(resolve(SHARED, file), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>);
    const flagged = (texts: (string | undefined)[]): number =>
      texts.filter((text) => falseEqualities(text ?? '').length > 0).length;
    const right = ['traces/thought_anchors_math.jsonl', 'traces/sky_t1_aime24_8runs.jsonl']
      .flatMap(rows)
      .filter(({ correct }) => Boolean(correct));
    // Most of them are real slips on the way to a right answer.
    expect(right.length).toBeGreaterThanOrEqual(80);
    expect(flagged(right.map(({ trace }) => trace))).toBeLessThanOrEqual(3);
    const solutions = rows('problems/math500.jsonl').map(({ solution }) => solution);
    expect(flagged(solutions)).toBeLessThanOrEqual(1);
    const gsm = rows('raw/gsm8k_test.original.jsonl').map(({ answer }) => answer?.replace(/<<[^>]*>>/g, ''));
    expect(flagged(gsm) / gsm.length).toBeLessThan(0.005);
  });
});
