import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkPrompts,
  checkVerdict,
  choosePairs,
  classOf,
  gradedPairs,
  parsePrompt,
  renderPrompt,
  seedOf,
} from '../../../src/core/dialogue/index.ts';
import type { Outcome } from '../../../src/core/schemas/index.ts';

describe('classOf', () => {
  it('classifies only decided outcomes', () => {
    expect(classOf('incorrect', 'correct')).toBe('FT');
    expect(classOf('correct', 'incorrect')).toBe('TF');
    for (const outcome of ['unknown', 'timeout', 'error'] as const) {
      expect(classOf(outcome, 'correct')).toBeUndefined();
      expect(classOf('incorrect', outcome)).toBeUndefined();
    }
  });
});

describe('checkVerdict', () => {
  it.each([
    ['Verdict: correct', 'correct'],
    ['so it fails.\n**Verdict:** wrong.', 'wrong'],
    ['Verdict: not correct', 'wrong'],
    ['verdict: The answer is incorrect because', 'wrong'],
    ['Verdict: correct\nOh no.\nVerdict: wrong', 'wrong'],
    ['The answer is correct.', undefined],
    ['My verdict: correct', undefined],
  ])('%s', (text, verdict) => expect(checkVerdict(text)).toBe(verdict));
});

const outcome = fc.constantFrom<Outcome>('correct', 'incorrect', 'unknown');
const candidates = fc
  .array(fc.record({ outcome, finished: fc.boolean() }), { maxLength: 8 })
  .map((list) => list.map((item, index) => ({ index, ...item })));

describe('choosePairs', () => {
  it('chooses distinct graded pairs, never FF, never more than the limit', () => {
    fc.assert(
      fc.property(candidates, candidates, fc.integer({ min: 1, max: 5 }), (first, second, keep) => {
        const chosen = choosePairs(first, second, keep);
        const useful = gradedPairs(first, second).filter((pair) => pair.class !== 'FF');
        expect(chosen).toHaveLength(Math.min(keep, useful.length));
        expect(new Set(chosen.map((pair) => `${pair.first}-${pair.second}`)).size).toBe(chosen.length);
        for (const pair of chosen) expect(useful).toContainEqual(pair);
        if (useful.some((pair) => pair.class === 'FT')) expect(chosen[0]?.class).toBe('FT');
      }),
    );
  });

  it('uses every answer before it repeats one', () => {
    const wrong = [0, 1, 2].map((index) => ({ index, outcome: 'incorrect' as const, finished: true }));
    const right = [0, 1, 2].map((index) => ({ index, outcome: 'correct' as const, finished: true }));
    const chosen = choosePairs(wrong, right, 3);
    expect(new Set(chosen.map((pair) => pair.first)).size).toBe(3);
    expect(new Set(chosen.map((pair) => pair.second)).size).toBe(3);
  });
});

describe('prompts', () => {
  const texts = {
    check:
      '## system\n\nBe brief.\n\n## user\n\nExample\n\n## assistant\n\nReply\n\n## user\n\n{{problem}} {{answer}}\n\n{{behaviour:verification}}\n\n## follow-up\n\nCheck it.',
    'behaviour-verification': 'Substitute back.',
  };
  it('sends worked examples as earlier turns', () => {
    expect(renderPrompt(texts, 'check', { problem: 'P', answer: '{{problem}}' })).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Example' },
      { role: 'assistant', content: 'Reply' },
      // A placeholder inside a value is text of the model and is not replaced.
      { role: 'user', content: 'P {{problem}}\n\nSubstitute back.' },
    ]);
  });
  it('omits a behaviour whose file is empty', () => {
    const messages = renderPrompt({ ...texts, 'behaviour-verification': '' }, 'check', { problem: 'P', answer: 'A' });
    expect(messages.at(-1)?.content).toBe('P A');
  });
  it('continues the chat in a dialogue', () => {
    const history = [{ role: 'user' as const, content: 'P' }];
    expect(renderPrompt(texts, 'check', { problem: 'P', answer: 'A' }, history)).toEqual([
      ...history,
      { role: 'user', content: 'Check it.' },
    ]);
  });
  it('names the file that can’t be used', () => {
    expect(() => renderPrompt({}, 'check', { problem: 'P' })).toThrow('Prompt file ');
    expect(() => parsePrompt('small/check', '## user\nx\n## assistant\ny')).toThrow(/small\/check\.md/);
    expect(() => renderPrompt({ check: '## user\n{{answer}}' }, 'check', { problem: 'P' })).toThrow(/\{\{answer\}\}/);
  });
});

function defaultPrompts(set: string): Record<string, string> {
  const folder = `media/prompts/${set}`;
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file.replace(/\.md$/, ''), readFileSync(`${folder}/${file}`, 'utf8')]),
  );
}

describe('the default prompts', () => {
  it.each(['full', 'small'])('of the %s set work in separate requests and in one chat', (set) => {
    const dialogue = { asking: 'dialogue', mode: 'blind' } as const;
    const texts = defaultPrompts(set);
    checkPrompts(texts, dialogue);
    checkPrompts(texts, { asking: 'dialogue', mode: 'hinted' });
    expect(() => checkPrompts({ ...texts, check: `${texts.check}\n{{n}}` }, dialogue)).toThrow('Prompt file ');
    expect(() => checkPrompts({ ...texts, summary: '' }, { asking: 'separate', mode: 'blind' })).toThrow(
      'Prompt file ',
    );
  });
  it.each(['full', 'small'])('of the %s set include one for a sampled response, which ends with the problem', (set) => {
    const messages = renderPrompt(defaultPrompts(set), 'response', { problem: 'What is 1 + 1?' });
    expect(messages.at(-1)).toMatchObject({ role: 'user', content: expect.stringContaining('What is 1 + 1?') });
  });

  it.each(['full', 'small'])(
    'of the %s set include all pieces of a chain of two answers in the summary prompt',
    (set) => {
      const values = { problem: 'P', first: 'one', check: 'tested', second: 'two', pieces: 'one, tested, two' };
      const asked = renderPrompt(defaultPrompts(set), 'summary', values).at(-1)?.content ?? '';
      for (const piece of ['one', 'tested', 'two']) expect(asked).toContain(piece);
    },
  );
});

describe('seedOf', () => {
  it('differs between candidates and is a 31-bit integer', () => {
    const seeds = Array.from({ length: 1000 }, (_, index) => seedOf(1, 'p', 'answer[1]', index));
    expect(new Set(seeds).size).toBe(1000);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
    expect(seedOf('a', 'bc')).not.toBe(seedOf('ab', 'c'));
  });
});
