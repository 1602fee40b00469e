import { describe, expect, test } from 'vitest';
import {
  joinTrace,
  type MappedTrace,
  mapTrace,
  partTrace,
  recogniseTraces,
  taggedTrace,
} from '../../../src/core/dataset/index.ts';
import { withoutInstructions } from '../../../src/core/dataset/traces.ts';

function traces(row: unknown): MappedTrace[] {
  const shape = recogniseTraces([row]);
  if ('reason' in shape) throw new Error(shape.reason);
  const mapped = mapTrace(row, shape);
  if ('reason' in mapped) throw new Error(mapped.reason);
  return mapped.traces;
}

const Q = 'What is 6 times 7?';
const T = 'Six sevens are 42.';
const PARTED = { thought: 'hm', answer: T, finished: true };

describe('rows of traces are recognised', () => {
  test.each<[string, object]>([
    [
      'messages',
      {
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: Q },
          { role: 'assistant', content: `<think>hm</think>${T}` },
        ],
      },
    ],
    [
      'ShareGPT',
      {
        conversations: [
          { from: 'human', value: Q },
          { from: 'gpt', value: `<think>hm</think>${T}` },
        ],
      },
    ],
    [
      'messages with reasoning_content',
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: Q }] },
          { role: 'assistant', reasoning_content: 'hm', content: T },
        ],
      },
    ],
    ['prompt and completion texts', { prompt: Q, completion: `<think>hm</think>\n\n${T}` }],
    [
      'prompt and completion chats',
      { prompt: [{ role: 'user', content: Q }], completion: [{ role: 'assistant', content: `hm</think>${T}` }] },
    ],
    [
      'problem and trace',
      { problem: Q, trace: `<|begin_of_thought|>\nhm<|end_of_thought|>\n<|begin_of_solution|>${T}<|end_of_solution|>` },
    ],
    ['question and response with a reasoning column', { question: Q, response: T, reasoning: 'hm' }],
    ['reasoning and solution of a distillation', { problem: Q, deepseek_reasoning: 'hm', deepseek_solution: T }],
    ['instruction and output', { instruction: Q, input: '', output: `<think>hm</think>${T}<|im_end|>` }],
  ])('%s', (_, row) => {
    expect(traces(row)).toMatchObject([{ question: Q, parts: PARTED, index: 0 }]);
  });

  test('each of several generations is a separate trace', () => {
    const row = {
      problem: Q,
      answer: '42',
      generations: [`<think>hm</think>${T}`, { text: T, finish_reason: 'length' }, ''],
    };
    expect(traces(row)).toMatchObject([
      { gold: '42', index: 0, parts: PARTED },
      { gold: '42', index: 1, parts: { answer: T, finished: false } },
    ]);
  });

  test('several traces of a row keep their own finish reasons', () => {
    const row = {
      problem: Q,
      answer: '42',
      generations: ['', T, `${T} `, `${T}!`],
      finish_reasons: ['stop', 'stop', 'length', 'content_filter'],
    };
    expect(traces(row)).toMatchObject([
      { parts: { finished: true } },
      { parts: { finished: false } },
      { parts: { finished: false, finish: 'content_filter' } },
    ]);
    expect(traces({ ...row, finish_reasons: 'max_output_tokens' })).toMatchObject(
      [0, 1, 2].map(() => ({ parts: { finished: false } })),
    );
  });

  test('the gold is read from its column, and verdicts of the file are ignored', () => {
    const row = {
      problem: Q,
      gold: '42',
      pred: '41',
      correct: false,
      label: 0,
      trace: T,
      model: 'm',
      level: 4,
      licence: 'MIT',
    };
    const [trace] = traces(row);
    expect(trace).toEqual({
      ...{ question: Q, gold: '42', index: 0, parts: { answer: T }, model: 'm', level: 4, licence: 'MIT' },
    });
    expect(traces({ problem: Q, label: 1, trace: T })[0]).not.toHaveProperty('gold');
    expect(traces({ problem: Q, response: T, output: `\\boxed{1} ${T}` })[0]).not.toHaveProperty('gold');
  });

  test('a long answer is the trace, a short one is the gold', () => {
    const long = `${T} `.repeat(20).trim();
    expect(traces({ question: Q, answer: long })).toMatchObject([{ parts: { answer: long } }]);
    expect(traces({ question: Q, answer: '42', solution: long })).toMatchObject([
      { gold: '42', parts: { answer: long } },
    ]);
  });

  test.each([
    [{ foo: 1 }, 'No column looks like the problem'],
    [{ problem: Q, answer: '42' }, 'No column looks like a chain of thought'],
  ])('%j: the reason names what is missing', (row, reason) => {
    expect(recogniseTraces([row])).toEqual({ reason: expect.stringContaining(reason) });
  });
});

describe('a row that can’t be used is refused with a reason', () => {
  const turn = (role: string, content: string) => ({ role, content });
  const shape = { problem: 'messages', trace: 'messages' };
  test.each([
    [
      { messages: [turn('user', 'a'), turn('assistant', 'b'), turn('user', 'c'), turn('assistant', 'd')] },
      'its chat asks 2 times',
    ],
    [{ messages: [turn('user', 'a')] }, 'column “messages” holds no trace'],
    [{ messages: [turn('user', 'a'), turn('assistant', '<think></think>')] }, 'column “messages” holds an empty trace'],
    [{ messages: 'a' }, 'column “messages” holds no chat'],
    [{}, 'column “messages” holds no chat'],
    ['text', 'it is not an object with named columns'],
  ])('%j', (row, reason) => {
    expect(mapTrace(row, shape)).toEqual({ reason });
  });
});

describe('thought and answer', () => {
  test.each([
    ['<think>a</think>b', { thought: 'a', answer: 'b', finished: true }],
    ['a\n</think>\n\nb', { thought: 'a', answer: 'b', finished: true }],
    ['<think>a', { thought: 'a', answer: '', finished: false }],
    ['<think>a</think>', { thought: 'a', answer: '', finished: false }],
    ['<think>\n</think>b', { answer: 'b', finished: true }],
    ['So: <think>a</think>b', { thought: 'So: a', answer: 'b', finished: true }],
    ['<|begin_of_thought|>a<|end_of_thought|><|begin_of_solution|>b', { thought: 'a', answer: 'b', finished: false }],
    ['b', { answer: 'b' }],
    ['b</s>', { answer: 'b', finished: true }],
    ['b <think>', { answer: 'b <think>' }],
  ])('of %j', (text, parts) => {
    expect(partTrace(text)).toEqual(parts);
  });

  test('the stored text contains the reasoning, and the graded text has it in tags', () => {
    const finished = partTrace('<think>a \\boxed{1}</think>b');
    expect(joinTrace(finished)).toBe('a \\boxed{1}\n\nb');
    expect(taggedTrace(finished)).toBe('<think>a \\boxed{1}</think>\n\nb');
    const truncated = partTrace('<think>a \\boxed{1}');
    expect(joinTrace(truncated)).toBe('a \\boxed{1}');
    expect(taggedTrace(truncated)).toBe('<think>a \\boxed{1}');
  });
});

test.each([
  [`Please reason step by step, and put your final answer within \\boxed{}. ${Q}`, Q],
  [`Return your final response within \\boxed{}.\n${Q}`, Q],
  [`${Q}\nPlease reason step by step, and put your final answer within \\boxed{}.`, Q],
  [`Solve the following math problem:\n\n${Q} Let's think step by step.`, Q],
  ['Put the answer in \\boxed{}.', 'Put the answer in \\boxed{}.'],
  ['A train leaves. Find its speed step by step.', 'A train leaves. Find its speed step by step.'],
  ['Let $f(x)=\\boxed{3}$. Find f.', 'Let $f(x)=\\boxed{3}$. Find f.'],
])('instructions are removed from the problem: %j', (question, rest) => {
  expect(withoutInstructions(question)).toBe(rest);
});
