import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutChain } from '../../../src/core/continuation/cut.ts';
import { Chain, DatasetSettings, type JournalLine, type ModelRef, Sampling } from '../../../src/core/schemas/index.ts';
import { continuationRequest } from '../../../src/runner/continuation/continuing.ts';
import { matchSamples, passedPlaces } from '../../../src/runner/continuation/known-outcomes.ts';

const STEPS = ['One.', 'Two.', 'Three.', 'Four.'];
const TEXT = STEPS.join('\n\n');
const CUTS = STEPS.map((_, kept) => cutChain({ text: TEXT, segments: [] }, STEPS.slice(0, kept).join('\n\n').length));
const SETTINGS = { settings: DatasetSettings.parse({ version: 1, id: 'dataset-1', name: 'd', promptSet: 'full' }) };
const MODEL: ModelRef = { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'm' };
const asking = (prompt: string, temperature: number) => ({
  chain: Chain.parse({
    ...{ id: 'r/p/0', round: 'r', problemId: 'p', origin: 'imported', text: TEXT, spans: [] },
    segments: [{ piece: 'trace', start: 0, end: TEXT.length, train: true }],
    ...{ verdict: { outcome: 'incorrect', method: 'none' }, pieces: [], filters: [], passed: true, model: '' },
    ...{ tokens: { count: 9, estimated: true }, createdAt: '2026-12-01T00:00:00Z' },
  }),
  problem: { id: 'p', problem: 'What?', answer: '1' },
  model: MODEL,
  response: Sampling.parse({ temperature, topP: 1, maxTokens: 99 }),
  prompts: { response: `## user\n\n${prompt}\n` },
});
const ASKED = asking('{{problem}}', 0.7);

/** A sample that begins after `began` steps and writes the chain's steps up to `reached`, then its own end. */
function sample(of: typeof ASKED, began: number, reached: number, piece: 'response' | 'continuation'): JournalLine {
  const request = continuationRequest(SETTINGS, of, CUTS[began] ?? { prefix: '' }, 0);
  const text = `${STEPS.slice(began, reached)
    .map((step) => `\n\n${step}`)
    .join('')}\n\nSo 2.`;
  const reply = { text, finish: 'stop', usage: { prompt: 1, completion: 9, estimated: false }, ms: 1 };
  return { key: 'k'.repeat(32), at: '', problemId: 'p', piece, index: 0, request, reply };
}

describe('paid samples of a chain', () => {
  test('are matched once each, at all places whose steps they have', () => {
    const steps = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(steps), (samples) => {
        const lines = samples.map(([began, reached]) => sample(ASKED, began, reached, 'continuation'));
        const places = matchSamples(SETTINGS, ASKED, CUTS, lines).map((match) => match.places);
        expect(places).toEqual(
          samples.map(([began, reached]) => Array.from({ length: reached - began + 1 }, (_, i) => began + i)),
        );
      }),
    );
    const [response] = matchSamples(SETTINGS, ASKED, CUTS, [sample(ASKED, 0, 2, 'response')]);
    expect(response).toMatchObject({ places: [0, 1, 2], isOwn: false });
  });

  test('pass the places that their text begins with, in a thought and after it', () => {
    const thought = 'a b\nc d\n\ne';
    const text = `${thought}\n\nf g\nh`;
    const at = thought.length + 2;
    const segments = [
      { piece: 'trace' as const, start: 0, end: at, train: true },
      { piece: 'response' as const, start: at, end: text.length, train: true },
    ];
    const cuts = Array.from({ length: text.length }, (_, place) => cutChain({ text, segments }, place));
    const whole = `<think>\n${thought}\n</think>\n\nf g\nh`;
    const began = fc.constantFrom('', ...cuts.map(({ prefix }) => prefix));
    const replies = fc.tuple(began, fc.nat(whole.length), fc.constantFrom(' ', '\n', 'x', ''));
    fc.assert(
      fc.property(replies, ([prefix, length, end]) => {
        const reply = { text: whole.slice(prefix.length, length) + end, finish: 'stop', ms: 1 };
        const usage = { prompt: 1, completion: 1, estimated: false };
        const written = `${prefix}${prefix === '' ? reply.text.trimStart() : reply.text}`;
        const expected = cuts.flatMap((cut, kept) =>
          cut.prefix.length > prefix.length &&
          written.startsWith(cut.prefix) &&
          /\s/.test(written[cut.prefix.length] ?? '')
            ? [kept]
            : [],
        );
        expect(passedPlaces(cuts, prefix, { ...reply, usage })).toEqual(expected);
      }),
    );
  });

  test('have a whole step: a longer word or number is another one', () => {
    const line = sample(ASKED, 0, 1, 'response');
    const text = line.reply.text.replace(STEPS[0] ?? '', `${STEPS[0]}2`);
    const matches = matchSamples(SETTINGS, ASKED, CUTS, [{ ...line, reply: { ...line.reply, text } }]);
    expect(matches.map(({ places }) => places)).toEqual([[0]]);
  });

  test('need the same prompt and the same sampling', () => {
    const others = [asking('Solve: {{problem}}', 0.7), asking('{{problem}}', 1)];
    expect(
      matchSamples(
        SETTINGS,
        ASKED,
        CUTS,
        others.map((of) => sample(of, 0, 2, 'response')),
      ),
    ).toEqual([]);
  });
});
