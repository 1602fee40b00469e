import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partTrace } from '../../../src/core/dataset/index.ts';
import { addRow, emptyBatch } from '../../../src/core/examine/examined.ts';
import { examineRow } from '../../../src/core/examine/index.ts';
import type { FindingId } from '../../../src/core/examine/kinds.ts';
import { type ExaminedRow, readRow } from '../../../src/core/examine/row.ts';
import { hideSensitive } from '../../../src/core/examine/sensitive.ts';
import { BenchmarkIndex } from '../../../src/core/filters/index.ts';
import { gradeAnswer, resolvePolicy } from '../../../src/core/grading/index.ts';
import { FilterSettings, type ReplyOutcome } from '../../../src/core/schemas/index.ts';

const policy = resolvePolicy('default');
const PROBLEM = 'Seven birds sit on a wall and eight more come. How many birds are on the wall now?';
const START =
  'There are seven birds at first, and eight more birds come to them. I add both numbers to find how many there are now. ';

interface Options {
  problem?: string;
  gold?: string;
  ended?: ReplyOutcome;
  benchmarks?: BenchmarkIndex;
}

function findingsOf(
  written: string,
  { problem = PROBLEM, gold, ended = 'answered', benchmarks }: Options = {},
): FindingId[] {
  const parts = partTrace(written);
  const row: ExaminedRow = {
    id: 'r',
    problem,
    reply: { written, parts, ended },
    ...(gold === undefined ? {} : { gold }),
  };
  const verdict = gold === undefined ? undefined : gradeAnswer(gold, written, policy);
  const context = { filters: FilterSettings.parse({}), policy, benchmarks };
  return examineRow(readRow(row, verdict), context).map(({ finding }) => finding);
}

describe('a good reply', () => {
  it.each([
    `${START}So the answer is \\(\\boxed{15}\\).`,
    `<think>\n${START}\n</think>\n\nThe answer is **15**.`,
    `${START}\n\n#### 15`,
    `${START}Therefore there are 15 birds on the wall`,
    `${START}\\[ 7 + 8 = 15 \\]\n\n$$\\boxed{15}$$`,
    `${START}The interval is \\([0, 15)\\), and 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 = 15.`,
    `</think>\n${START}So the answer is \\boxed{15}.`.slice(8),
  ])('has no finding: %s', (text) => {
    expect(findingsOf(text, { gold: '15' })).toEqual([]);
  });
});

describe('truncated', () => {
  it.each([
    `<think>\n${START}\nSo I add`,
    `${START}So I add seven and eigh`,
    `${START}So the result is \\boxed{1`,
    `${START}So the result is \\[ 7 + 8 =`,
    `${START}So the result is \\[ 7 + 8`,
    `${START}So there are seven,`,
    `${START}\\begin{align} 7 + 8 &= 15`,
  ])('finds a reply that ends before its answer: %s', (text) => {
    expect(findingsOf(text)).toContain('truncated');
  });

  it('follows the finish reason', () => {
    expect(findingsOf(`${START}So it is \\boxed{15}.`, { ended: 'truncated' })).toEqual(['truncated']);
    expect(findingsOf(`${START}So it is \\boxed{15}.`, { ended: 'unfinished' })).toEqual(['truncated']);
  });
});

describe('loop', () => {
  it.each([
    START + 'Wait, I should add them again. '.repeat(6),
    `${START}${'So it is 15, and '.repeat(5)}then \\boxed{15}.`,
    START + 'the '.repeat(40),
    START + '再算一次，结果是十五。'.repeat(12),
    `${START}\n${'Let me try once more.\n'.repeat(4)}`,
  ])('finds %s', (text) => {
    expect(findingsOf(text)).toContain('loop');
  });

  it('accepts enumerations and sums', () => {
    const cases = Array.from({ length: 30 }, (_, i) => `For n = ${i} the value is ${i * i}.`).join(' ');
    expect(findingsOf(`${START}${cases} \\boxed{15}`)).not.toContain('loop');
    expect(findingsOf(`${START}${'1 + '.repeat(60)}1 = 61. \\boxed{61}`)).not.toContain('loop');
    const headings = Array.from(
      { length: 8 },
      (_, i) => `Compute each term:\n${START.replaceAll('birds', `birds${i}`)}\n`,
    );
    expect(findingsOf(`${headings.join('')} \\boxed{15}`)).not.toContain('loop');
    expect(findingsOf(`${START}The digits are ${'0'.repeat(300)}. \\boxed{0}`)).not.toContain('loop');
  });
});

describe('think-tags', () => {
  const end = 'The answer is \\boxed{15}.';
  it.each([
    ['doubled', `<think><think>${START}</think>${end}`],
    ['closed twice', `<think>${START}</think></think>${end}`],
    ['a second thought', `<think>${START}</think>${end}<think>${START}</think>`],
    ['in the wrong order', `</think>${START}<think>${end}`],
    ['in the middle', `${START}${START}${START}<think>${START}</think>${end}`],
    ['of two kinds', `<think>${START}</thinking>${end}`],
    ['never closed', `<think>${START}${end}`],
    ['of Sky-T1', `<|begin_of_thought|>${START}<|begin_of_thought|>${START}<|end_of_thought|>${end}`],
  ])('finds tags that are %s', (_, text) => {
    expect(findingsOf(text)).toContain('think-tags');
  });

  it('finds a tag in the problem', () => {
    expect(findingsOf(`${START}${end}`, { problem: `<think>${PROBLEM}` })).toContain('think-tags');
  });

  it.each([
    `<think>${START}</think>${end}`,
    `${START}</think>${end}`,
    `Sure.\n<think>${START}</think>${end}`,
    `<|begin_of_thought|>${START}<|end_of_thought|>\n<|begin_of_solution|>${end}<|end_of_solution|>`,
    `${START}If 3 < x and x > 2, then ${end}`,
  ])('accepts %s', (text) => {
    expect(findingsOf(text)).not.toContain('think-tags');
  });
});

describe('leftover-prompt', () => {
  it.each([
    `<|im_start|>assistant\n${START}\\boxed{15}`,
    `${START}\\boxed{15}<|im_end|>\n<|im_start|>user\nNext`,
    `[INST] ${PROBLEM} [/INST] ${START}\\boxed{15}`,
    `${START}\\boxed{15}\n\nHuman: What is 3 + 4?`,
    `### Response:\n${START}\\boxed{15}`,
    `You are a helpful assistant.\n${START}\\boxed{15}`,
    `Please reason step by step, and put your final answer within \\boxed{}.\n${START}\\boxed{15}`,
    `${START}The problem is {{problem}}. \\boxed{15}`,
  ])('finds %s', (text) => {
    expect(findingsOf(text)).toContain('leftover-prompt');
  });

  it('accepts an end of text, sets and LaTeX', () => {
    expect(findingsOf(`${START}\\boxed{15}<|im_end|>`)).toEqual([]);
    expect(findingsOf(`${START}\\frac{{1}}{{2}}, $\\text{problem}$, [1, 2] \\boxed{15}`)).toEqual([]);
  });
});

describe('refusal', () => {
  it.each([
    'I’m sorry, but I can’t help with that.',
    'I cannot assist with this request.',
    'As an AI language model, I do not have the ability to see pictures.',
  ])('finds “%s”', (text) => {
    expect(findingsOf(text)).toEqual(['refusal']);
  });

  it('follows the finish reason', () => {
    expect(findingsOf('No.', { ended: 'blocked' })).toContain('refusal');
  });

  it('accepts a reply that can’t do one step and answers', () => {
    expect(findingsOf(`I cannot solve this by factoring, so I add. ${START}\\boxed{15}`)).toEqual([]);
  });
});

describe('answers', () => {
  it('finds a reply without an answer, and an empty one', () => {
    expect(findingsOf('Hm. Let me think about it?')).toEqual(['no-answer']);
    expect(findingsOf('', { ended: 'empty' })).toEqual(['no-answer']);
  });

  it('finds an answer that contradicts the gold answer, in any spelling', () => {
    expect(findingsOf(`${START}\\boxed{14}`, { gold: '15' })).toEqual(['contradicts-gold']);
    expect(findingsOf(`${START}\\boxed{\\frac{30}{2}}`, { gold: '15' })).toEqual([]);
  });

  it('finds a gold answer that can’t be read', () => {
    expect(findingsOf(`${START}\\boxed{14}`, { gold: '' })).toEqual(['gold-unreadable']);
  });
});

describe('sensitive texts', () => {
  // Written in parts, so that no scanner takes them for real.
  const key = ['s', 'k-proj-', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('');
  it.each([
    key,
    ['h', 'f_', 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'].join(''),
    ['-----BEGIN RSA PRIVATE', ' KEY-----'].join(''),
  ])('finds a key', (secret) => {
    expect(findingsOf(`${START}\\boxed{15} ${secret} .`)).toEqual(['secret']);
  });

  it.each([
    'ada.bela@mail.test',
    '+44 20 7946 0123',
    '(555) 010-1234',
    '4111 1111 1111 1111',
    'GB82 WEST 1234 5698 7654 32',
  ])('finds personal data: %s', (data) => {
    expect(findingsOf(`${START}\\boxed{15} Write to ${data} .`)).toEqual(['personal-data']);
  });

  it.each([
    '4111 1111 1111 1112',
    'me@example.com',
    '$123-45-6789$',
    '1234 5678 + 1234',
    'sk-learn-based-estimators-of-the-mean',
    '$x@y$',
  ])('accepts %s', (text) => {
    expect(findingsOf(`${START}\\boxed{15} See ${text} .`)).toEqual([]);
  });

  // Nothing of a body may be shown, wherever the excerpt is.
  const body = Array.from({ length: 24 }, (_, i) => `Zq${i}w`.padEnd(64, 'X7')).join('\n');
  const pem = ['-----BEGIN PRIVATE', ` KEY-----\n${body}`].join('');
  const ended = [pem, '\n-----END PRIVATE', ' KEY-----'].join('');
  const aws = ['AKI', 'AABCDEFGHIJKLMNOP'].join('');
  const awsSecret = `Zq/${'w7XX'.repeat(9)}+`;
  const hidden = [
    ['a key', key],
    ['a truncated private key', pem],
    ['a private key', ended],
    ['an AWS key with its secret', `${aws}, ${awsSecret}`],
    ['an AWS secret', `AWS_SECRET_ACCESS_KEY=${awsSecret}`],
    ['an address', 'zq.w7XX@mail.test'],
  ] as const;
  const shown = (written: string, ended: ReplyOutcome = 'answered', gold?: string) => {
    const parts = partTrace(written);
    const row: ExaminedRow = { id: 'r', reply: { written, parts, ended }, ...(gold === undefined ? {} : { gold }) };
    const batch = emptyBatch(1);
    const verdict = gold === undefined ? undefined : gradeAnswer(gold, written, policy);
    addRow(batch, 0, row, verdict, { filters: FilterSettings.parse({}), policy });
    return batch.findings;
  };
  const noneOf = new RegExp(`Zq|w7XX|X7X7|${key.slice(8)}|zq[.]`);

  it.each(hidden)('hides %s in its finding', (_, part) => {
    const [found, ...others] = shown(`${START}\\boxed{15} ${part} .`);
    expect(others).toEqual([]);
    expect(found?.excerpt).toContain('[hidden]');
    expect(JSON.stringify(found)).not.toMatch(noneOf);
  });

  it.each(hidden)('hides %s in every other finding', (_, part) => {
    const findings = [
      ...shown(`${START}\\boxed{15}. ${part}`, 'truncated'),
      ...shown(`${START}<|im_start|> ${part} \\boxed{15}.`),
      ...shown(`${START}${`Write to ${part} `.repeat(8)}\\boxed{15}.`),
      ...shown(`${START}\\boxed{${part}}`, 'answered', `15 ${part}`),
      ...shown(`${START}\\boxed{15}`, 'answered', part),
    ];
    const ids = findings.map(({ finding }) => finding);
    expect(ids).toEqual(expect.arrayContaining(['truncated', 'leftover-prompt', 'loop']));
    expect(JSON.stringify(findings)).not.toMatch(noneOf);
  });

  it('hides every part of a text that has a part of it', () => {
    const text = `${START}${ended} and ${key}.`;
    for (let from = 0; from < text.length; from += 37) {
      const part = hideSensitive(text, from, Math.min(text.length, from + 60));
      expect(part).not.toMatch(noneOf);
    }
    expect(hideSensitive(text)).toBe(`${START}[hidden] and [hidden].`);
  });
});

describe('rules that are filters', () => {
  it('find benchmark problems', () => {
    const benchmarks = new BenchmarkIndex([{ id: 'b', problem: PROBLEM }]);
    expect(findingsOf(`${START}\\boxed{15}`, { benchmarks })).toEqual(['contaminated']);
  });

  it('find another script', () => {
    expect(findingsOf(`${START}Поэтому на стене теперь сидят пятнадцать птиц. \\boxed{15}`)).toEqual(['language-mix']);
  });
});

it('hostile texts take linear time', () => {
  const many = 200_000;
  for (const text of [
    '<think>',
    '\\boxed{',
    '\\[',
    '{{',
    'a@',
    '+1 2',
    '1234 ',
    '<|',
    'sk-',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    '$',
    'A',
  ].map((part) => part.repeat(many / part.length)))
    expect(findingsOf(text)).toBeInstanceOf(Array);
});

it('a unit of words is found wherever it repeats', () => {
  fc.assert(
    fc.property(
      fc.nat(60),
      fc.integer({ min: 4, max: 60 }),
      fc.integer({ min: 6, max: 9 }),
      fc.nat(60),
      (before, unit, times, after) => {
        const words = (count: number, name: string): string =>
          Array.from({ length: count }, (_, i) => `${name}${String.fromCharCode(97 + (i % 26))}${i} `).join('');
        const text = `${words(before, 'before')}${words(unit, 'unit').repeat(times)}${words(after, 'after')}`;
        expect(findingsOf(text)).toContain('loop');
        expect(
          findingsOf(`${words(before, 'before')}${words(unit, 'unit').repeat(2)}${words(40 + 9 * unit, 'after')}`),
        ).not.toContain('loop');
      },
    ),
  );
});
