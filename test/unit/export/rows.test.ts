import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapTrace, recogniseTraces, traceChain } from '../../../src/core/dataset/index.ts';
import { EXPORT_FORMS } from '../../../src/core/export/forms/index.ts';
import { combineDecisions, exportChain, type Reasoning, reviewedText } from '../../../src/core/export/index.ts';
import type { Chain, ReviewAct, Segment } from '../../../src/core/schemas/index.ts';
import { chain, problem } from '../store/fixtures.ts';

/** A dialogue chain of these pieces. The first answer is not trained. */
function dialogue(...texts: string[]): Chain {
  const names = ['answer[1]', 'check[1]', 'answer[2]', 'summary'] as const;
  const segments: Segment[] = [];
  let at = 0;
  for (const [i, text] of texts.entries()) {
    segments.push({ piece: names[i % 4] ?? 'summary', start: at, end: at + text.length, train: i > 0 });
    at += text.length;
  }
  return chain('c', { text: texts.join(''), segments });
}

const rowsOf = (each: Chain, acts: ReviewAct[] = [], reasoning?: Reasoning) =>
  exportChain(each, problem('p1'), reviewedText(each, acts), undefined, reasoning);

/** `text[start:end]` as Python reads it: by code points. */
const slice = (text: string, { start, end }: { start: number; end: number }): string =>
  [...text].slice(start, end).join('');

const actOf = (reviewer: string, second: number, rest: object): ReviewAct =>
  ({
    id: `${reviewer}${second}`,
    at: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
    reviewer,
    chainId: 'c',
    ...rest,
  }) as ReviewAct;

describe('rows', () => {
  test('both forms have the same content, with segments and loss mask on the text of the assistant', () => {
    const { promptCompletion, messages, trained, masked } = rowsOf(dialogue('Wrong. ', 'Check. ', 'Right. ', 'Sum.'));
    expect(promptCompletion.prompt).toEqual([{ role: 'user', content: problem('p1').problem }]);
    expect(promptCompletion.completion).toEqual([{ role: 'assistant', content: 'Wrong. Check. Right. Sum.' }]);
    expect(messages.messages).toEqual([...promptCompletion.prompt, ...promptCompletion.completion]);
    expect(messages.segments).toEqual(promptCompletion.segments);
    expect(messages.segments.map(({ piece, train }) => `${piece} ${train}`)).toEqual([
      'answer[1] false',
      'check[1] true',
      'answer[2] true',
      'summary true',
    ]);
    expect(messages.loss_mask).toEqual([
      { start: 0, end: 7, train: false },
      { start: 7, end: 25, train: true },
    ]);
    expect({ trained, masked }).toEqual({ trained: 18, masked: 7 });
  });

  test('names have no half of a surrogate pair', () => {
    const half = 'x\ud835';
    const each = { ...chain(half), round: half, model: half };
    const { id, problem_id, round, model } = exportChain(each, problem(half), reviewedText(each, [])).messages;
    expect([id, problem_id, round, model]).toEqual(Array(4).fill('x\ufffd'));
  });

  test('the tags of all reviewers are in the row, without those that were removed', () => {
    const acts = [
      actOf('r2', 1, { act: 'tag', tag: 'short' }),
      actOf('r1', 2, { act: 'tag', tag: 'geometry' }),
      actOf('r1', 3, { act: 'tag', tag: 'odd' }),
      actOf('r1', 4, { act: 'untag', tag: 'odd' }),
      actOf('r1', 5, { act: 'tag', tag: 'short' }),
    ];
    expect(rowsOf(dialogue('A. ', 'B.'), acts).messages.tags).toEqual(['geometry', 'short']);
    expect(rowsOf(dialogue('A. ', 'B.')).messages.tags).toEqual([]);
  });

  test('offsets are code points, so that slicing in Python returns the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const { messages } = rowsOf(dialogue(...texts));
        const content = messages.messages[1]?.content ?? '';
        expect(content).toBe(texts.join(''));
        expect(messages.segments.map((segment) => slice(content, segment))).toEqual(texts);
        expect(messages.loss_mask.map((run) => slice(content, run)).join('')).toBe(content);
      }),
    );
  });

  test('half a surrogate pair, which UTF-8 can’t encode, does not move any offset', () => {
    const { messages } = rowsOf(dialogue('a\ud835', 'b', '𝑥c'));
    expect(messages.messages[1]?.content).toBe('a\ufffdb𝑥c');
    expect(messages.segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 3],
      [3, 5],
    ]);
  });

  test('the prefix form puts masked text into the prompt, and both parts together are the whole text', () => {
    const { prefix } = rowsOf(dialogue('Wrong. ', 'Check. ', 'Right.'));
    expect(prefix).toMatchObject({ prompt: `${problem('p1').problem}\n\nWrong. `, completion: 'Check. Right.' });
  });

  test('a chain with masked text after trained text, or with no trained text, has no prefix form', () => {
    const each = dialogue('a', 'b', 'c');
    const mask = (...train: boolean[]): Chain => ({
      ...each,
      segments: each.segments.map((segment, i) => ({ ...segment, train: train[i] ?? true })),
    });
    expect(rowsOf(mask(false, true, false)).prefix).toBeUndefined();
    expect(rowsOf(mask(false, false, false)).prefix).toBeUndefined();
    expect(rowsOf(mask(true, true, true)).prefix).toMatchObject({ completion: 'abc' });
  });
});

test('segments with gaps and overlaps, which another program wrote, lose and double no text', () => {
  const text = 'Wrong. \n\nCheck. Right. 𝔸 end';
  const part = (start: number, end: number, train: boolean): Segment => ({ piece: 'answer[1]', start, end, train });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.boolean()), { minLength: 1, maxLength: 5 }), (parts) => {
      const each = chain('c', { text, segments: parts.map(([start, end, train]) => part(start, end, train)) });
      const { messages, prefix, trained, masked } = rowsOf(each);
      expect(messages.messages[1]?.content).toBe(text);
      expect(messages.loss_mask.map((run) => slice(text, run)).join('')).toBe(text);
      if (prefix) expect(prefix.prompt + prefix.completion).toBe(`${problem('p1').problem}\n\n${text}`);
      expect(trained + masked).toBe(text.length);
    }),
  );
  const { prefix } = rowsOf(chain('c', { text, segments: [part(0, 6, false), part(9, text.length, true)] }));
  expect(prefix?.completion).toBe(text.slice(9));
});

describe('reviews', () => {
  const each = dialogue('Wrong. ', 'Check. ', 'Right.');
  const edit = (insert: string): object => ({ act: 'edit', changes: [{ start: 14, end: 19, insert }] });

  test('edits of the last reviewer who accepted are in the text, and segments move with them', () => {
    const acts = [
      actOf('r1', 1, edit('Fine')),
      actOf('r1', 2, { act: 'accept' }),
      actOf('r2', 3, edit('Quite right')),
      actOf('r2', 4, { act: 'accept' }),
      actOf('r3', 5, edit('No')),
    ];
    const review = reviewedText(each, acts);
    expect(review).toMatchObject({ decision: 'accepted', acceptedBy: ['r1', 'r2'], editedBy: 'r2' });
    expect(review.text).toBe('Wrong. Check. Quite right.');
    const { messages } = rowsOf(each, acts);
    expect(messages.segments.map((segment) => slice(review.text, segment))).toEqual([
      'Wrong. ',
      'Check. ',
      'Quite right.',
    ]);
  });

  test('an edit that was undone is not in the text', () => {
    const acts = [
      actOf('r1', 1, edit('Fine')),
      actOf('r1', 2, { act: 'undo', target: 'r11' }),
      actOf('r1', 3, { act: 'accept' }),
    ];
    expect(reviewedText(each, acts)).toMatchObject({ text: each.text, acceptedBy: ['r1'] });
    expect(reviewedText(each, acts)).not.toHaveProperty('editedBy');
  });

  test('labels of the reviewer are in the spans', () => {
    const label = { act: 'label', kind: 'backtracking', start: 7, end: 13 };
    const { messages } = rowsOf(each, [actOf('r1', 1, label), actOf('r1', 2, { act: 'accept' })]);
    const place = { start: 7, end: 13 };
    expect(messages.spans).toEqual([{ kind: 'backtracking', ...place, source: 'human', confidence: 1, acts: [place] }]);
  });

  test('without an acceptance, the text is that of the chain', () => {
    const acts = [actOf('r1', 1, edit('Fine')), actOf('r2', 2, { act: 'skip' })];
    expect(reviewedText(each, acts)).toMatchObject({ decision: 'skipped', text: each.text, acceptedBy: [] });
  });
});

test.each([
  [[], 'pending'],
  [['pending', 'skipped'], 'skipped'],
  [['accepted', 'skipped', 'pending'], 'accepted'],
  [['accepted', 'accepted', 'rejected'], 'rejected'],
] as const)('decisions %j together are %s', (decisions, together) => {
  expect(combineDecisions(decisions)).toBe(together);
});

describe('a thought apart from the answer', () => {
  const text = '𝒳 is odd. So no.\n\nIt is 3.';
  const at = text.indexOf('It');
  const imported = chain('c', {
    text,
    segments: [
      { piece: 'trace', start: 0, end: 3, train: false },
      { piece: 'trace', start: 3, end: at, train: true },
      { piece: 'response', start: at, end: text.length, train: true },
    ],
    spans: [{ id: 's', kind: 'verification', start: 13, end: at + 5, source: 'human', confidence: 1 }],
  });
  const rowOf = (each: Chain, form: Reasoning['form'], pieces: Reasoning['pieces'] = 'answer') =>
    exportChain(each, problem('p1'), reviewedText(each, []), undefined, { form, pieces });

  test('is a member of the message, and each offset names its part', () => {
    const { messages, promptCompletion, prefix, apart } = rowOf(imported, 'reasoning_content');
    const message = { role: 'assistant', content: 'It is 3.', reasoning_content: '𝒳 is odd. So no.' };
    expect([messages.messages[1], promptCompletion.completion[0], apart]).toEqual([message, message, true]);
    expect(messages.loss_mask).toEqual([
      { part: 'reasoning', start: 0, end: 2, train: false },
      { part: 'reasoning', start: 2, end: 16, train: true },
      { part: 'content', start: 0, end: 8, train: true },
    ]);
    expect(messages.segments.map(({ piece, part }) => [piece, part])).toEqual([
      ['trace', 'reasoning'],
      ['trace', 'reasoning'],
      ['response', 'content'],
    ]);
    const [first, second] = messages.spans.map(({ part, start, end }) => ({ part, start, end }));
    expect(first).toEqual({ part: 'reasoning', start: 12, end: 16 });
    expect(second).toEqual({ part: 'content', start: 0, end: 5 });
    const question = problem('p1').problem;
    expect(prefix).toMatchObject({
      prompt: `${question}\n\n<think>\n𝒳 `,
      completion: 'is odd. So no.\n</think>\n\nIt is 3.',
    });
    expect(rowOf(imported, 'thinking').messages.messages[1]).toMatchObject({ thinking: '𝒳 is odd. So no.' });
  });

  test('is in tags, which the mask trains with the thought', () => {
    const { messages } = rowOf(imported, 'tags');
    const content = messages.messages[1]?.content ?? '';
    expect(content).toBe('<think>\n𝒳 is odd. So no.\n</think>\n\nIt is 3.');
    expect(messages.loss_mask.map((run) => [slice(content, run), run.train])).toEqual([
      ['<think>\n', true],
      ['𝒳 ', false],
      ['is odd. So no.\n</think>\n\nIt is 3.', true],
    ]);
    expect(messages.segments.map((segment) => slice(content, segment))).toEqual(['𝒳 ', 'is odd. So no.', 'It is 3.']);
  });

  test('is all before the summary of a chain by pieces, if asked, and no part of its mask is lost', () => {
    const each = dialogue('Wrong. ', 'Check. ', 'Right.\n\n', 'Sum.');
    expect(rowOf(each, 'reasoning_content').messages).toEqual(rowsOf(each).messages);
    const { messages, prefix } = rowOf(each, 'reasoning_content', 'thought');
    expect(messages.messages[1]).toEqual({
      role: 'assistant',
      content: 'Sum.',
      reasoning_content: 'Wrong. Check. Right.',
    });
    expect(messages.loss_mask.map(({ part, train, end }) => [part, train, end])).toEqual([
      ['reasoning', false, 7],
      ['reasoning', true, 20],
      ['content', true, 4],
    ]);
    expect(prefix?.completion).toBe('Check. Right.\n</think>\n\nSum.');
  });

  test('of an earlier import is known from its pieces, until its text is edited', () => {
    const old = chain('c', {
      text,
      segments: [{ piece: 'trace', start: 0, end: text.length, train: true }],
      pieces: [
        { piece: 'trace', text: '𝒳 is odd. So no.' },
        { piece: 'summary', text: 'It is 3.' },
      ],
    });
    expect(rowOf(old, 'reasoning_content').messages.messages[1]).toMatchObject({
      reasoning_content: '𝒳 is odd. So no.',
    });
    const edited = { ...reviewedText(old, []), text: `${text} Yes.` };
    expect(exportChain(old, problem('p1'), edited, undefined, { form: 'tags', pieces: 'answer' }).apart).toBe(false);
  });

  test('is the same after an import of the rows, and the next export has the same mask', () => {
    const text = fc.array(fc.constantFrom('𝒳 is ', 'odd. ', 'No: ', '3', '\n\n', 'so ', '$x^2$'), {
      minLength: 1,
      maxLength: 6,
    });
    const forms = fc.constantFrom<Reasoning['form']>('tags', 'thinking', 'reasoning_content', 'plain');
    fc.assert(
      fc.property(text, text, forms, fc.nat(12), (thought, answer, form, cut) => {
        const [a, b] = [thought.join('').trim() || 'x', answer.join('').trim() || 'y'];
        const joined = `${a}\n\n${b}`;
        const start = a.length + 2;
        const middle = Math.min(cut, a.length - 1);
        // A mask between the halves of a character can't be exported.
        fc.pre(!/[\uD800-\uDBFF]$/.test(a.slice(0, middle)));
        const segments = [
          { piece: 'trace', start: 0, end: middle, train: false },
          { piece: 'trace', start: middle, end: start, train: true },
          { piece: 'response', start, end: joined.length, train: true },
        ].filter((segment) => segment.end > segment.start);
        const first = rowOf(chain('c', { text: joined, segments }), form).messages;
        const mapping = recogniseTraces([first]);
        const read = 'problem' in mapping ? mapTrace(first, mapping) : mapping;
        const trace = 'traces' in read ? read.traces[0] : undefined;
        if (trace === undefined) throw new Error(JSON.stringify(read));
        const again = traceChain(trace, { id: 'c', round: 'r', problemId: 'p1', createdAt: '' }, chain('c').verdict);
        expect([again.text, again.segments]).toEqual([joined, segments]);
        const { messages, loss_mask, segments: exported } = rowOf(again, form).messages;
        expect({ messages, loss_mask, exported }).toEqual({
          messages: first.messages,
          loss_mask: first.loss_mask,
          exported: first.segments,
        });
      }),
    );
  });

  test('survives in each form: thought, answer and mask are those of the chain', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((one) => one.trim() !== '');
    fc.assert(
      fc.property(
        part,
        part,
        fc.constantFrom('tags', 'thinking', 'reasoning_content'),
        fc.boolean(),
        (a, b, form, train) => {
          const joined = `${a}\n\n${b}`;
          const start = a.length + 2;
          const each = chain('c', {
            text: joined,
            segments: [
              { piece: 'trace', start: 0, end: start, train },
              { piece: 'response', start, end: joined.length, train: true },
            ],
          });
          const { messages } = rowOf(each, form);
          const message = messages.messages[1];
          const thought = form === 'tags' ? undefined : message?.[form as 'thinking'];
          const whole = (run: { part?: string; start: number; end: number }) =>
            slice((run.part === 'reasoning' ? thought : message?.content) ?? '', run);
          const trained = messages.loss_mask
            .filter((run) => run.train)
            .map(whole)
            .join('');
          const [before, after] = [wellFormed(a.trimEnd()), wellFormed(b.trimStart())];
          const tagged = `<think>\n${before}\n</think>\n\n${after}`;
          if (form === 'tags') expect([message?.content, trained]).toEqual([tagged, train ? tagged : after]);
          else expect([thought, message?.content, trained]).toEqual([before, after, (train ? before : '') + after]);
        },
      ),
    );
  });
});

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

describe('a thought without an answer', () => {
  const text = 'Two and two. Is it 4?';
  const cut = chain('c', {
    text,
    segments: [{ piece: 'trace', start: 0, end: text.length, train: true }],
    pieces: [{ piece: 'trace', text, onlyThought: true, finish: 'length' }],
  });
  const whole = chain('w');
  const review = reviewedText(cut, []);

  test('has no row where a trainer would end its message', () => {
    const row = rowsOf(cut);
    expect(row.unended).toBe(true);
    expect(rowsOf(whole).unended).toBe(false);
    const forms = Object.values(EXPORT_FORMS);
    const prefixed = forms.flatMap((form) => (form.unit === 'chain' && form.mask === 'prefix' ? [form] : []));
    expect(prefixed).toHaveLength(5);
    for (const form of prefixed) expect(form.rows(row, { label: true, review })).toEqual([undefined]);
    const { kto, dpo, sft } = EXPORT_FORMS;
    if (kto.unit !== 'chain' || dpo.unit !== 'pair' || sft.unit !== 'chain') throw new Error('other forms');
    expect(kto.rows(row, { label: true, review })).toEqual([undefined]);
    expect(kto.rows(row, { label: false, review })).toMatchObject([{ label: false }]);
    expect(dpo.rows(row, rowsOf(whole))).toEqual([undefined]);
    expect(dpo.rows(rowsOf(whole), row)).toMatchObject([{ chosen_id: 'w' }]);
    const inSft = (form: Reasoning['form']): boolean[] => {
      const apart = rowsOf(cut, undefined, { form, pieces: 'answer' });
      return sft.rows(apart, { label: true, review }).map((one) => one !== undefined);
    };
    for (const form of ['reasoning_content', 'thinking', 'tags'] as const)
      expect(inSft(form)).toEqual([true, true, false]);
    // Nothing in a plain text shows that the thought has no end.
    expect(inSft('plain')).toEqual([false, false, false]);
  });

  test('is one after an edit too', () => {
    const acts = [
      actOf('r1', 1, { act: 'edit', changes: [{ start: 0, end: 3, insert: 'Add two' }] }),
      actOf('r1', 2, { act: 'accept' }),
    ];
    const reasoning: Reasoning = { form: 'reasoning_content', pieces: 'answer' };
    const { messages } = exportChain(cut, problem('p1'), reviewedText(cut, acts), undefined, reasoning);
    expect(messages.messages[1]).toEqual({
      ...{ role: 'assistant', content: '' },
      reasoning_content: 'Add two and two. Is it 4?',
    });
  });
});
