import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN_TEMPLATE, RenderError, Renderer } from '../../../src/core/training/render.ts';
import { checkRoundTrip } from '../../../src/core/training/round-trip.ts';
import type { MessagesRow } from '../../../src/core/training/rows.ts';

/** Written for these tests, in the style of common templates. */
const CHATML =
  '{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
const STRIPS =
  "{% for message in messages %}<|im_start|>{{ message.role }}\n{% if message.role == 'assistant' %}{{ message.content.split('</think>')[-1].lstrip('\n') }}{% else %}{{ message.content }}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const PREFILLS = CHATML.replace('<|im_start|>assistant\n{% endif %}', '<|im_start|>assistant\n<think>\n{% endif %}');
const REFUSES = `{% if messages[0].role == 'user' %}{{ raise_exception('no user first') }}{% endif %}`;

const renderer = (source: string, eosToken = '<|im_end|>') => new Renderer({ source, bosToken: '<s>', eosToken });
const row = (answer: string, mask: MessagesRow['loss_mask'] = []): MessagesRow => ({
  id: 'r',
  messages: [
    { role: 'user', content: 'What is 1+1?' },
    { role: 'assistant', content: answer },
  ],
  loss_mask: mask,
});
const kinds = (source: string, answer: string, own = true) =>
  checkRoundTrip(renderer(source), [row(answer)], own).findings.map(({ kind }) => kind);

describe('a template', () => {
  test('that writes rows unchanged has no problem', () => {
    expect(kinds(CHATML, '<think>\n1 and 1\n</think>\n\n2')).toEqual([]);
  });

  test('that strips the reasoning is reported', () => {
    expect(kinds(STRIPS, '<think>\n1 and 1\n</think>\n\n2')).toEqual(['reasoning-lost']);
    expect(kinds(STRIPS, 'no thought')).toEqual([]);
  });

  test('that opens <think> is reported if the rows do not start with it', () => {
    expect(kinds(PREFILLS, 'It is 2')).toEqual(['prefilled-think']);
    expect(kinds(PREFILLS, '<think>\n1 and 1\n</think>\n\n2')).toEqual([]);
  });

  test('that refuses rows is reported with its message', () => {
    const { findings } = checkRoundTrip(renderer(REFUSES), [row('2')], true);
    expect(findings).toMatchObject([{ kind: 'refused', rows: 1, message: expect.stringContaining('no user first') }]);
    expect(() => renderer('{% if %}')).toThrow(RenderError);
  });

  test('that is missing is reported', () => {
    expect(kinds(PLAIN_TEMPLATE, '2', false)).toEqual(['no-template']);
  });
});

describe('the trained text of a row', () => {
  test('is the exact answer and the end token, without the newline after it', () => {
    const parts = renderer(CHATML).parts(row('wrong. right.').messages, [{ start: 0, end: 7, train: false }]);
    expect(parts.filter(({ train }) => train).map(({ text }) => text)).toEqual(['right.', '<|im_end|>']);
    expect(parts.at(-1)).toEqual({ text: '\n', train: false, part: 'template' });
  });

  test('excludes a <think> that is already in the prompt', () => {
    const parts = renderer(PREFILLS).parts(row('<think>\nhm\n</think>\n2').messages, []);
    const text = parts.map((part) => part.text).join('');
    expect(text.split('<think>\n')).toHaveLength(2);
    expect(parts.filter(({ train }) => train)[0]?.text).toBe('hm\n</think>\n2');
  });

  test('includes the reasoning under a template that strips it', () => {
    const answer = '<think>\nhm\n</think>\n2';
    const parts = renderer(STRIPS).parts(row(answer).messages, []);
    expect(parts.filter(({ part }) => part === 'content')).toEqual([{ text: answer, train: true, part: 'content' }]);
  });

  test('gets an end token if the template writes none', () => {
    const bare = '{% for m in messages %}{{ m.content }} {% endfor %}';
    expect(renderer(bare, '</s>').row(row('2').messages).after).toBe('</s>');
  });

  test('is every trained character of the answer and no masked one, for any text', () => {
    const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.nat(30), fc.nat(30), (answer, start, length) => {
        const mask = [{ start, end: start + length, train: false }];
        const parts = renderer(CHATML)
          .parts(row(answer).messages, mask)
          .filter(({ part }) => part === 'content');
        const trained = parts
          .filter(({ train }) => train)
          .map(({ text }) => text)
          .join('');
        expect(parts.map(({ text }) => text).join('')).toBe(answer);
        expect(trained).toBe([...answer].filter((_, at) => at < start || at >= start + length).join(''));
      }),
    );
  });
});
