import { expect, it } from 'vitest';
import { soundsSmall } from '../../../../src/editor/models/model-size.ts';

it.each([
  ['SmolLM2-135M-Instruct', true],
  ['qwen3:0.6b', true],
  ['Qwen/Qwen2.5-Math-1.5B-Instruct', true],
  ['llama3.2:1b', true],
  ['Qwen/Qwen2.5-Math-7B', false],
  ['deepseek-r1-distill-qwen-32b', false],
  ['gpt-oss:20b', false],
  ['some-model', false],
  ['v2b3', false],
])('%s sounds small: %s', (name, small) => {
  expect(soundsSmall(name)).toBe(small);
});
