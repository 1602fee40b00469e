import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AssembledClass,
  assemble,
  checkVerdict,
  cleanPiece,
  connectivesOf,
  piecesOf,
  type RawPiece,
} from '../../../src/core/dialogue/index.ts';
import { findBoxes } from '../../../src/core/text/boxes.ts';

const right = { outcome: 'correct', method: 'number' } as const;
const wrong = { outcome: 'incorrect', method: 'number' } as const;

const chainOf = (...texts: [string, ('right' | 'wrong')?][]): RawPiece[] =>
  piecesOf(texts.length / 2).map((piece, i) => {
    const [text, graded] = texts[i] ?? [''];
    return { piece, text, ...(graded ? { verdict: graded === 'right' ? right : wrong } : {}) };
  });

const pieces = chainOf(
  ['First I isolate the root. So $x = \\boxed{11}$.', 'wrong'],
  ['Put $x = 2$ back in: $\\sqrt{9} = 3$ but $2 - 5 = -3$.\n\nVerdict: wrong'],
  ['**Answer 2:**\nLet $u = \\sqrt{x+7}$. Only $u = 4$ is allowed, so \\boxed{9}.', 'right'],
  ['From $9$ back: $9 - 5 = 4$ and $4^2 = 9 + 7$. The second solution stands: \\boxed{9}', 'right'],
);

const hostile = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    '\n',
    '$',
    '\\boxed{',
    '\\fbox ',
    '\\',
    '}',
    '{',
    '5',
    'Verdict: correct\n',
    'Verdict: ',
    'wrong',
    'Answer 2: ',
    '🙂',
  ),
  maxLength: 40,
});
const anyChain = fc.integer({ min: 2, max: 5 }).chain((turns) =>
  fc.record({
    chainClass: fc.constantFrom<AssembledClass>('FT', 'TT', 'TF'),
    pieces: fc.tuple(
      ...piecesOf(turns).map((piece) =>
        fc.record({ text: hostile, right: fc.boolean() }).map(({ text, right: is }): RawPiece => {
          return { piece, text, ...(piece.startsWith('check') ? {} : { verdict: is ? right : wrong }) };
        }),
      ),
    ),
  }),
);

describe('assemble', () => {
  it('assigns every character of the chain to one piece, in order', () => {
    fc.assert(
      fc.property(anyChain, ({ chainClass, pieces: raw }) => {
        const chain = assemble('r/p/0-0', chainClass, raw);
        let at = 0;
        for (const segment of chain.segments) {
          expect(segment.start).toBe(at);
          at = segment.end;
        }
        expect(at).toBe(chain.text.length);
        const order = raw.map(({ piece }) => piece);
        const found = chain.segments.map(({ piece }) => piece);
        expect(found).toEqual(order.filter((piece) => found.includes(piece)));
        if (chainClass !== 'TT') expect(found).toEqual(order);
      }),
    );
  });

  it('keeps no verdict in the text, and boxes only in the last piece', () => {
    fc.assert(
      fc.property(anyChain, ({ chainClass, pieces: raw }) => {
        const { text, segments } = assemble('r/p/0-0', chainClass, raw);
        const summary = segments.at(-1)?.start ?? 0;
        for (const box of findBoxes(text)) expect(box.start).toBeGreaterThanOrEqual(summary);
        expect(checkVerdict(text)).toBeUndefined();
        expect(text).not.toMatch(/\bverdict: (?:correct|wrong)\b/i);
      }),
    );
  });

  it('masks answer[1] and trains everything after it by default', () => {
    const masked = (untrained?: string[]): string[] =>
      assemble('r/p/0-0', 'FT', pieces, untrained ? { untrained } : {})
        .segments.filter(({ train }) => !train)
        .map(({ piece }) => piece);
    expect(masked()).toEqual(['answer[1]']);
    expect(masked([])).toEqual([]);
    expect(masked(['answer[1]', 'check[1]'])).toEqual(['answer[1]', 'check[1]']);
  });

  it('keeps one box, in the summary, and no verdict line or label', () => {
    const chain = assemble('r/p/0-0', 'FT', pieces);
    const boxes = findBoxes(chain.text);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]?.start).toBeGreaterThan(
      chain.segments.find((segment) => segment.piece === 'summary')?.start ?? Infinity,
    );
    expect(chain.text).not.toMatch(/verdict|answer 2/i);
  });

  it('uses the same connecting sentences on every assembly, and different ones in different chains', () => {
    const openings = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const chain = assemble(`r/p/${i}`, 'FT', pieces);
      expect(assemble(`r/p/${i}`, 'FT', pieces)).toEqual(chain);
      openings.add(chain.text.slice(chain.connections[0]?.start, chain.connections[0]?.end));
    }
    expect(openings.size).toBeGreaterThan(1);
  });

  it('removes a right answer that repeats an earlier one, with its check, only in TT', () => {
    const found = (chainClass: AssembledClass, raw: RawPiece[]): string[] =>
      assemble('r/p/0-0', chainClass, raw).segments.map(({ piece }) => piece);
    const one = 'Seven and eight is fifteen since seven and three is ten and five more makes fifteen.';
    const other = 'Twice seven is fourteen, and one more than that, as eight is one more than seven, is fifteen.';
    const two = chainOf([one, 'right'], ['It fits the sum.'], [one, 'right'], ['Back to seven: \\boxed{15}', 'right']);
    expect(found('TT', two)).toEqual(['answer[1]', 'check[1]', 'summary']);
    expect(found('FT', two)).toContain('answer[2]');
    const three = chainOf(
      [one, 'right'],
      ['It fits the sum.'],
      [one, 'right'],
      ['It fits again.'],
      [other, 'right'],
      ['Back to seven: \\boxed{15}', 'right'],
    );
    expect(found('TT', three)).toEqual(['answer[1]', 'check[1]', 'answer[3]', 'summary']);
  });
});

describe('connecting sentences', () => {
  const own = connectivesOf({
    connectives: [
      'FT again',
      'FT later-summary',
      'TT again',
      'TT later-summary',
      'TF again',
      'later-check',
      'refuted',
      'confirmed',
    ]
      .map((place) => `## ${place}\n\n- «${place}»`)
      .join('\n\n'),
  });
  const insertedIn = (chainClass: AssembledClass, answers: readonly ('right' | 'wrong')[]): string => {
    const raw = piecesOf(answers.length).map((piece): RawPiece => {
      const graded = answers[Number(/^answer\[(\d)\]$/.exec(piece)?.[1] ?? 0) - 1];
      return {
        piece,
        text: `The text of ${piece}.`,
        ...(graded ? { verdict: graded === 'right' ? right : wrong } : {}),
      };
    });
    const { text } = assemble('r/p/0', chainClass, raw, { connectives: own });
    return [...text.matchAll(/«([^»]*)»/g)].map(([, place]) => place).join(', ');
  };

  it.each([
    ['FT', ['wrong', 'wrong', 'right'], 'FT again, later-check, refuted, FT later-summary'],
    ['FT', ['wrong', 'right', 'right'], 'FT again, later-check, confirmed, FT later-summary'],
    ['TT', ['right', 'wrong', 'right'], 'TT again, later-check, refuted, TT later-summary'],
    ['TT', ['right', 'right'], 'TT again'],
  ] as const)('depend on the outcome of the answer before: %s, %j', (chainClass, answers, expected) => {
    expect(insertedIn(chainClass, answers)).toBe(expected);
  });

  it('of your own are read from a file, and its errors are reported', () => {
    expect(connectivesOf({})).toEqual({});
    expect(connectivesOf({ connectives: '# Mine\n\n## FT check\n- One.\n* Two.\n' })).toEqual({
      'FT check': ['One.', 'Two.'],
    });
    expect(() => connectivesOf({ connectives: '## FT chck\n- One.' })).toThrow('Prompt file ');
    expect(() => connectivesOf({ connectives: '## FT check\n' })).toThrow(/no sentence/);
  });
});

describe('cleanPiece', () => {
  it('reads a long reply of blanks and partial labels in one pass', () => {
    for (const word of [
      'answer',
      '**answer',
      'verdict',
      'solution 2',
      '#',
      'the answer is',
      '\\\\',
      '\\boxed{',
      '__verdict',
    ]) {
      for (const filler of [' ', '\\', '{']) {
        const long = `${word}${filler.repeat(10_000)}x`;
        expect(cleanPiece('check[1]', `${long}\n${long}`)).toContain('x');
        expect(cleanPiece('check[1]', `${word.repeat(5_000)}x`)).toContain('x');
      }
    }
  });

  it.each([
    ['answer[2]', 'Second solution: we count.', 'we count.'],
    ['answer[1]', 'So it is \\boxed{\\frac{1}{2}}.', 'So it is $\\frac{1}{2}$.'],
    ['answer[1]', 'So $x=\\boxed{\\frac{1}{2}}$.', 'So $x=\\frac{1}{2}$.'],
    ['answer[3]', 'So $x=\\boxed{\\boxed{5}}$, \\boxed{6', 'So $x=5$, 6'],
    ['check[1]', 'The given answer fails.\n**Verdict:** wrong', 'My answer fails.'],
    ['check[2]', '9 and 7 differ, so it is wrong. Verdict: wrong', '9 and 7 differ, so it is wrong.'],
    [
      'summary',
      'Answer 2 and the Solution 3 agree on answer 2: \\boxed{2}',
      'my second answer and my third solution agree on answer 2: \\boxed{2}',
    ],
  ] as const)('%s: %s', (piece, raw, clean) => expect(cleanPiece(piece, raw)).toBe(clean));
});
