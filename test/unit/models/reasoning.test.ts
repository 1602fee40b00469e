import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinReasoning, partReasoning, ReplyPiece, readPiece } from '../../../src/models/reasoning.ts';

test.each([
  ['no reasoning', '15', { text: '15' }],
  ['tagged', '<think>a</think>15', { text: '15', reasoning: 'a' }],
  ['after white space', '\n <think>\na\n</think>\n\n15\n', { text: '15\n', reasoning: 'a' }],
  ['only the closing tag', 'a</think>15', { text: '15', reasoning: 'a' }],
  ['truncated within the tag: there is no answer', '<think>a', { text: '', reasoning: 'a' }],
  ['an empty thought', '<think>\n\n</think>\n\n15', { text: '15', reasoning: '' }],
  ['a tag that the answer itself mentions', 'Write <think> and </think>.', { text: 'Write <think> and </think>.' }],
])('%s', (_name, content, parted) => {
  expect(partReasoning(content)).toEqual(parted);
});

test('a tagged reply keeps all its text', () => {
  const plain = fc.string().filter((text) => !text.includes('think>'));
  fc.assert(
    fc.property(plain, plain, (thought, answer) => {
      expect(partReasoning(`<think>${thought}</think>${answer}`)).toEqual({
        text: answer.trimStart(),
        reasoning: thought.trim(),
      });
    }),
  );
});

test.each([
  ['reasoning', { reasoning: 'a', content: '15' }],
  ['reasoning_content', { reasoning_content: 'a', content: '15' }],
  ['reasoning_content', { reasoning: '', reasoning_content: 'a', content: '15' }],
  ['reasoning', { reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a' }], content: '15' }],
  [
    'reasoning_details',
    { reasoning_details: [{ text: 'a' }, { type: 'reasoning.encrypted', data: '?' }], content: '15' },
  ],
  ['reasoning_details', { reasoning: null, reasoning_details: [{ summary: 'a' }], content: '15' }],
  [
    'content parts',
    {
      content: [
        { type: 'thinking', thinking: [{ text: 'a' }] },
        { type: 'text', text: '15' },
      ],
    },
  ],
  [
    'content parts',
    {
      content: [
        { type: 'thinking', thinking: 'a' },
        { type: 'text', text: '15' },
      ],
    },
  ],
])('reasoning in %s is read once: %j', (from, piece) => {
  expect(readPiece(ReplyPiece.parse(piece))).toEqual({ text: '15', reasoning: 'a', from });
});

test('reasoning fields of an unknown shape are ignored, and the answer is kept', () => {
  const piece = { content: '15', reasoning: { effort: 1 }, reasoning_content: 7, reasoning_details: 'many' };
  expect(readPiece(ReplyPiece.parse(piece))).toEqual({ text: '15', reasoning: '' });
});

test.each([
  ['a field alone', '15', 'a', { text: '15', reasoning: 'a' }],
  ['the same in tags', '<think>a</think>15', 'a\n', { text: '15', reasoning: 'a' }],
  ['more in tags', '<think>b</think>15', 'a', { text: '15', reasoning: 'a\n\nb' }],
  ['a lone tag is a word of the answer', 'write </think> 15', 'a', { text: 'write </think> 15', reasoning: 'a' }],
  ['tags alone', '<think>b</think>15', '', { text: '15', reasoning: 'b' }],
])('a field and tags together: %s', (_name, content, field, parted) => {
  expect(joinReasoning(content, field)).toEqual(parted);
});
