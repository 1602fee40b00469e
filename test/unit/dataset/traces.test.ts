import { describe, expect, test } from 'vitest';
import {
  joinTrace,
  type MappedTrace,
  mapTrace,
  partTrace,
  recogniseFile,
  recogniseTraces,
  taggedTrace,
  withNamedColumns,
} from '../../../src/core/dataset/index.ts';
import { chatTurns } from '../../../src/core/dataset/messages.ts';
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
    [
      'messages with parts of thinking',
      {
        messages: [
          { role: 'user', content: Q },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm' },
              { type: 'text', text: T },
            ],
          },
        ],
      },
    ],
    [
      'Harmony messages of several channels',
      {
        messages: [
          { role: 'developer', content: 's' },
          { role: 'user', content: Q },
          { role: 'assistant', channel: 'analysis', content: 'hm' },
          { role: 'assistant', channel: 'final', content: T },
        ],
      },
    ],
    [
      'Harmony text',
      {
        prompt: Q,
        completion: `<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>${T}<|return|>`,
      },
    ],
    [
      'verl',
      {
        data_source: 'gsm8k',
        prompt: [{ role: 'user', content: Q }],
        reward_model: { style: 'rule', ground_truth: '42' },
        extra_info: { index: 3, split: 'train' },
        responses: [`<think>hm</think>${T}`],
      },
    ],
    [
      'a sample of Inspect',
      {
        id: 1,
        epoch: 1,
        input: Q,
        target: '42',
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: Q, source: 'input' },
          {
            role: 'assistant',
            content: [
              { type: 'reasoning', reasoning: 'hm' },
              { type: 'text', text: T },
            ],
          },
        ],
        output: { model: 'm', choices: [{ message: { role: 'assistant', content: T }, stop_reason: 'stop' }] },
      },
    ],
    ['NeMo-Skills', { problem: Q, expected_answer: '42', predicted_answer: '42', generation: `<think>hm</think>${T}` }],
    [
      'OpenThoughts',
      {
        system: 's',
        conversations: [
          { from: 'user', value: Q },
          {
            from: 'assistant',
            value: `<|begin_of_thought|>\n\nhm\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n${T}\n<|end_of_solution|>`,
          },
        ],
      },
    ],
    [
      'choices of an OpenAI reply',
      { question: Q, choices: [{ index: 0, message: { role: 'assistant', content: T, reasoning_content: 'hm' } }] },
    ],
    ['instruction and output', { instruction: Q, input: '', output: `<think>hm</think>${T}<|im_end|>` }],
  ])('%s', (_, row) => {
    expect(traces(row)).toMatchObject([{ question: Q, parts: PARTED, index: 0 }]);
  });

  test('Alpaca: the input follows the instruction, or is the problem where all rows have one instruction', () => {
    const rows = [Q, 'What is 2 times 21?'].map((input) => ({ instruction: 'Solve.', input, output: T }));
    expect(recogniseTraces(rows)).toMatchObject({ problem: 'input', trace: 'output' });
    const mixed = [...rows, { instruction: Q, input: '', output: T }];
    const shape = recogniseTraces(mixed);
    if ('reason' in shape) throw new Error(shape.reason);
    expect(shape).toMatchObject({ problem: 'instruction', input: 'input' });
    expect(mixed.map((row) => mapTrace(row, shape))).toMatchObject([
      { traces: [{ question: `Solve.\n\n${Q}` }] },
      { traces: [{ question: 'Solve.\n\nWhat is 2 times 21?' }] },
      { traces: [{ question: Q }] },
    ]);
  });

  test('gold, model and finish reason of verl and Inspect', () => {
    const verl = { prompt: [{ role: 'user', content: Q }], reward_model: { ground_truth: '42' }, responses: [T, T] };
    expect(traces(verl)).toMatchObject([{ gold: '42' }, { gold: '42', index: 1 }]);
    const messages = [
      { role: 'user', content: Q },
      { role: 'assistant', content: T },
    ];
    const output = { model: 'm', choices: [{ message: messages[1], stop_reason: 'max_tokens' }] };
    expect(traces({ input: Q, target: '42', messages, output })).toMatchObject([
      { gold: '42', model: 'm', parts: { finished: false } },
    ]);
  });

  test('the letters of a multiple choice are no replies', () => {
    expect(recogniseTraces([{ question: Q, choices: ['41', '42'], answer: '42' }])).toHaveProperty('reason');
  });

  test('Harmony that ends inside its analysis has no answer', () => {
    expect(partTrace('<|channel|>analysis<|message|>hm, so')).toEqual({
      thought: 'hm, so',
      answer: '',
      finished: false,
    });
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
      ...{ question: Q, gold: '42', index: 0, written: T, parts: { answer: T }, model: 'm', level: 4, licence: 'MIT' },
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

describe('the loss mask of a row', () => {
  const row = (text: string, mask: object) => ({
    messages: [
      { role: 'user', content: Q },
      { role: 'assistant', content: text },
    ],
    ...mask,
  });
  const maskOf = (value: unknown) => traces(value)[0]?.segments;

  test('is read from an export, whose offsets are code points', () => {
    const text = '𝒳 first. Then second.';
    const segments = [
      { piece: 'answer[1]', start: 0, end: 8, train: false },
      { piece: 'summary', start: 8, end: 21, train: true },
    ];
    expect(maskOf(row(text, { segments }))).toEqual([
      { piece: 'answer[1]', start: 0, end: 9, train: false },
      { piece: 'summary', start: 9, end: 22, train: true },
    ]);
    expect(maskOf(row(text, { loss_mask: [{ start: 2, end: 8, train: false }] }))).toEqual([
      { piece: 'trace', start: 0, end: 3, train: true },
      { piece: 'trace', start: 3, end: 9, train: false },
      { piece: 'trace', start: 9, end: 22, train: true },
    ]);
  });

  test('is the weight of the turn, and absent where it does not fit the text', () => {
    const weighted = {
      messages: [
        { role: 'user', content: Q },
        { role: 'assistant', content: T, weight: 0 },
      ],
    };
    expect(maskOf(weighted)).toEqual([{ piece: 'trace', start: 0, end: T.length, train: false }]);
    expect(maskOf(row(T, {}))).toBeUndefined();
    expect(maskOf(row(T, { loss_mask: [{ start: 0, end: 999, train: false }] }))).toBeUndefined();
    expect(maskOf(row(T, { loss_mask: 'all' }))).toBeUndefined();
  });

  test('is carried to a trace without its thinking tags', () => {
    const text = '<think>\nFirst try.\n</think>\n\nThe answer is 5.';
    const [think, answer] = [text.indexOf('First'), text.indexOf('The')];
    const joined = 'First try.\n\nThe answer is 5.';
    const marked = (mask: object[]) =>
      maskOf(row(text, { loss_mask: mask }))?.map(({ start, end, train }) => [joined.slice(start, end), train]);
    expect(marked([{ start: 0, end: answer, train: false }])).toEqual([
      ['First try.\n\n', false],
      ['The answer is 5.', true],
    ]);
    expect(marked([{ start: think, end: think + 5, train: false }])).toEqual([
      ['First', false],
      [' try.\n\n', true],
      ['The answer is 5.', true],
    ]);
    const turn = { role: 'assistant', content: text, weight: 0 };
    expect(maskOf({ messages: [{ role: 'user', content: Q }, turn] })).toEqual([
      { piece: 'trace', start: 0, end: 12, train: false },
      { piece: 'response', start: 12, end: joined.length, train: false },
    ]);
  });

  test('of an answer whose reasoning is elsewhere trains the reasoning', () => {
    const turn = { role: 'assistant', reasoning_content: 'First try.', content: 'The answer is 5.' };
    const messages = [{ role: 'user', content: Q }, turn];
    const mask = maskOf({ messages, loss_mask: [{ start: 0, end: 10, train: false }] });
    expect(mask?.map(({ start, end, train }) => [start, end, train])).toEqual([
      [0, 12, true],
      [12, 22, false],
      [22, 28, true],
    ]);
  });
});

describe('columns that a person names', () => {
  const rows = [{ q: Q, problem: 'other', r: T, solution: `x \\boxed{42}` }];
  const named = (columns: object) => withNamedColumns(recogniseTraces(rows), columns, ['problem', 'trace'], rows);

  test('replace the recognised ones', () => {
    expect(named({})).toEqual({ problem: 'problem', trace: 'solution' });
    expect(named({ problem: 'q', trace: 'r', answer: 'solution' })).toEqual({
      problem: 'q',
      trace: 'r',
      answer: 'solution',
      answerFrom: 'boxed',
    });
    expect(named({ trace: 'r' })).toEqual({ problem: 'problem', trace: 'r' });
  });

  test('are needed where none is recognised or left, and must be there', () => {
    expect(named({ trace: 'problem' })).toEqual({
      reason: expect.stringContaining('No column is left for the problem'),
    });
    expect(named({ trace: 'gone' })).toEqual({
      reason: expect.stringContaining('no column “gone”. It has: q, problem'),
    });
    const unknown = [{ aufgabe: Q, verlauf: T }];
    const recognised = recogniseTraces(unknown);
    expect(withNamedColumns(recognised, { trace: 'verlauf' }, ['problem', 'trace'], unknown)).toEqual(recognised);
    expect(
      withNamedColumns(recognised, { problem: 'aufgabe', trace: 'verlauf' }, ['problem', 'trace'], unknown),
    ).toEqual({ problem: 'aufgabe', trace: 'verlauf' });
  });
});

test('a file without a problem is read by its longest texts', () => {
  expect(recogniseFile([{ id: 'a', text: T }])).toEqual({ trace: 'text' });
  expect(recogniseFile([{ id: 'a', note: 'x', essay: `${T} ${T}` }])).toEqual({ trace: 'essay' });
  expect(recogniseFile([{ a: 1 }])).toHaveProperty('reason');
  expect(mapTrace({ text: T }, { trace: 'text' })).toMatchObject({ traces: [{ question: '', parts: { answer: T } }] });
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

test.each(['constructor', '__proto__'])('a message of the role %s makes no chat', (role) => {
  expect(
    chatTurns([
      { role, content: Q },
      { role: 'assistant', content: T },
    ]),
  ).toBeUndefined();
  expect(chatTurns([{ role: 'User', content: Q }])).toEqual([{ role: 'user', content: Q }]);
});
