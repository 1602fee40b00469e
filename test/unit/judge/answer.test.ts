import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerSchema,
  BEHAVIOUR_TASK,
  judgeWindows,
  numberSentences,
  PHASE_TASK,
  readAnswer,
} from '../../../src/core/review/judge/index.ts';
import { BEHAVIOURS, PHASES } from '../../../src/core/schemas/index.ts';

const text = Array.from({ length: 6 }, (_, i) => `This is sentence ${i}.`).join(' ');
const window = judgeWindows(numberSentences(text), { sentences: 3, context: 2 })[1];
if (!window) throw new Error('there are two windows');
/** The window of sentences 4 to 6. */
const asked = window;

const good = '{"labels": {"4": ["verification"], "5": [], "6": ["subgoal act", "backtracking"]}}';
const kinds = [
  [4, { kinds: ['verification'], acts: [] }],
  [5, { kinds: [], acts: [] }],
  [6, { kinds: ['backtracking', 'subgoal'], acts: ['subgoal'] }],
];

describe('a reply that can be used', () => {
  it.each([
    ['plain', good],
    ['in a code fence', `\`\`\`json\n${good}\n\`\`\``],
    ['with prose around it', `Here {as asked} are the labels: ${good} I hope {that} helps.`],
    ['after a draft of another shape', `{"labels": 3} was wrong, so ${good}`],
    ['after braces that never close', `The set {1, 2 and {x is not JSON. ${good}`],
    ['with a reason', `{"reason": "sentence 4 puts {x} back", ${good.slice(1)}`],
    ['with a kind named twice', good.replace('"verification"', '"verification", "verification"')],
    ['with an act that is also named as a part', good.replace('"subgoal act"', '"subgoal", "subgoal act"')],
    ['with escapes in strings', good.replace('{"labels"', '{"reason": "a \\" and } and \\\\", "labels"')],
  ])('%s', (_, reply) => {
    const read = readAnswer(reply, asked, BEHAVIOUR_TASK);
    expect('value' in read && [...read.value]).toEqual(kinds);
  });
});

describe('a reply that can’t be used is refused with a reason', () => {
  it.each([
    ['nothing', '', /no JSON object/],
    ['prose', 'All of them verify.', /no JSON object/],
    ['a trailing comma', good.replace('"backtracking"]', '"backtracking"],'), /no valid JSON/],
    ['a truncated end', good.slice(0, -12), /no valid JSON: the object does not end/],
    ['another object', '{"4": ["verification"]}', /no "labels"/],
    ['a number of another window', good.replace('"5"', '"3"'), /^3 is not among the sentences 4 to 6/],
    ['a number too many', good.replace('"5": []', '"5": [], "7": [], "8": []'), /^7, 8 are not among/],
    ['a number that is missing', good.replace('"5": [], ', ''), /^5 is missing; every sentence from 4 to 6/],
    ['a kind that is none', good.replace('subgoal act', 'planning'), /labels\.6\.0/],
    ['an act of no behaviour', good.replace('subgoal act', 'act'), /labels\.6\.0/],
    ['a kind without its list', good.replace('["verification"]', '"verification"'), /labels\.4/],
    ['a list of labels', '{"labels": [["verification"], [], []]}', /labels/],
    ['a name of the prototype', '{"labels": {"__proto__": [], "constructor": []}}', /not among/],
  ])('%s', (_, reply, problem) => {
    const read = readAnswer(reply, asked, BEHAVIOUR_TASK);
    expect('problem' in read ? read.problem : 'it was used').toMatch(problem);
  });

  it('any text is read without an exception', () => {
    const piece = fc.constantFrom('{', '}', '"', '\\', '"labels"', ':', '[', ']', ',', '"4"', 'x', '\u0000', '\ud800');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        expect(Object.keys(readAnswer(pieces.join(''), asked, BEHAVIOUR_TASK))).toHaveLength(1);
      }),
    );
  });

  it('a hostile reply is refused', () => {
    expect(readAnswer('{"a":'.repeat(300_000), asked, BEHAVIOUR_TASK)).toHaveProperty('problem');
    expect(readAnswer('{'.repeat(1_000_000), asked, BEHAVIOUR_TASK)).toHaveProperty('problem');
  });
});

it('what is written for the second pass is read without a change', () => {
  const label = fc
    .tuple(fc.subarray([...BEHAVIOURS]), fc.subarray([...BEHAVIOURS]))
    .map(([kinds, some]) => ({ kinds, acts: some.filter((kind) => kinds.includes(kind)) }));
  fc.assert(
    fc.property(fc.tuple(label, label, label), (labels) => {
      const written = Object.fromEntries(labels.map((one, i) => [String(i + 4), BEHAVIOUR_TASK.written(one)]));
      const read = readAnswer(JSON.stringify({ labels: written }), asked, BEHAVIOUR_TASK);
      expect('value' in read && [...read.value.values()]).toEqual(labels);
    }),
  );
});

it('a phase is one word for each sentence', () => {
  const labels = { '4': 'verify', '5': 'plan', '6': 'read' };
  const read = readAnswer(JSON.stringify({ labels }), asked, PHASE_TASK);
  expect('value' in read && [...read.value]).toEqual([
    [4, 'verify'],
    [5, 'plan'],
    [6, 'read'],
  ]);
  for (const wrong of [['verify'], 'verification', '', null]) {
    const reply = JSON.stringify({ labels: { ...labels, '5': wrong } });
    expect(readAnswer(reply, asked, PHASE_TASK)).toHaveProperty('problem', expect.stringContaining('labels.5'));
  }
});

it('the schema requires exactly the sentences of the window, with the labels of the task', () => {
  const schema = answerSchema(asked, BEHAVIOUR_TASK) as { properties: { labels: Record<string, unknown> } };
  expect(schema).toMatchObject({ type: 'object', required: ['labels'], additionalProperties: false });
  expect(schema.properties.labels).toMatchObject({ required: ['4', '5', '6'], additionalProperties: false });
  expect(JSON.stringify(schema)).toContain(
    JSON.stringify({ enum: [...BEHAVIOURS, ...BEHAVIOURS.map((kind) => `${kind} act`)] }).slice(1, -1),
  );
  expect(JSON.stringify(answerSchema(asked, PHASE_TASK))).toContain(JSON.stringify({ enum: PHASES }).slice(1, -1));
});
