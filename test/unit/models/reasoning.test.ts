import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partReasoning } from '../../../src/models/reasoning.ts';

test.each([
  ['no reasoning', '15', { text: '15' }],
  ['tagged', '<think>a</think>15', { text: '15', reasoning: 'a' }],
  ['after white space', '\n <think>\na\n</think>\n\n15\n', { text: '15\n', reasoning: 'a' }],
  ['only the closing tag', 'a</think>15', { text: '15', reasoning: 'a' }],
  ['cut off inside: there is no answer', '<think>a', { text: '', reasoning: 'a' }],
  ['an empty thought', '<think>\n\n</think>\n\n15', { text: '15', reasoning: '' }],
  ['a tag that the answer itself mentions', 'Write <think> and </think>.', { text: 'Write <think> and </think>.' }],
])('%s', (_name, content, parted) => {
  expect(partReasoning(content)).toEqual(parted);
});

test('no word of a tagged reply is lost', () => {
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
