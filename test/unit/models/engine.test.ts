import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError, generationsOf, readCompletionRequest } from '../../../src/models/starter/api.ts';
import { promptsAlone, spread } from '../../../src/models/starter/engine.ts';

const served = { model: 'smol', contextSize: 100 };
const body = (more: object) => JSON.stringify({ model: 'smol', messages: [{ role: 'user', content: 'hi' }], ...more });

test('a prompt is never mixed with replies, and never leaves a single token behind', () => {
  const item = fc.integer({ min: 1, max: 3_000 }).map((length) => ({ tokens: Array.from({ length }, () => 0) }));
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), fc.integer({ min: 8, max: 512 }), (items, size) => {
      const batch = promptsAlone({ items, size });
      const single = batch.filter(({ item }) => item.tokens.length === 1);
      if (single.length > 0) expect(batch.length).toBe(single.length);
      else {
        const [{ item, processAmount } = { item: items[0] ?? { tokens: [] }, processAmount: 0 }] = batch;
        expect(batch).toHaveLength(1);
        expect(processAmount).toBeLessThanOrEqual(size);
        expect(processAmount).toBeGreaterThan(1);
        expect(item.tokens.length - processAmount).not.toBe(1);
      }
    }),
  );
});

test('seeds stay apart, and none means "any" to the sampler', () => {
  const seeds = Array.from({ length: 20_000 }, (_, seed) => spread(seed));
  expect(new Set(seeds).size).toBe(seeds.length);
  fc.assert(
    fc.property(fc.maxSafeNat(), (seed) => {
      const spreadSeed = spread(seed);
      expect(spreadSeed).toBe(spread(seed));
      expect(spreadSeed).toBeGreaterThanOrEqual(0);
      expect(spreadSeed).toBeLessThan(0xffff_ffff);
    }),
  );
});

test.each([
  ['not JSON', '{', 400, /not JSON/],
  ['no messages', body({ messages: [] }), 400, /messages/],
  ['a temperature beyond 2', body({ temperature: 3 }), 400, /temperature/],
  ['an image', body({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }), 400, /messages\.0\.content/],
  ['another model', body({ model: 'gpt' }), 404, /this is smol/],
])('a request is refused with words: %s', (_name, text, status, words) => {
  expect(() => readCompletionRequest(text, served)).toThrow(words);
  expect(() => readCompletionRequest(text, served)).toThrow(expect.objectContaining({ status }));
});

test('a prompt that leaves no room for the reply is refused, one that just does is not', () => {
  const request = readCompletionRequest(body({ max_tokens: 40 }), served);
  const prompt = (length: number) => Array.from({ length }, () => 0);
  expect(generationsOf(request, prompt(60), served)).toHaveLength(1);
  expect(() => generationsOf(request, prompt(61), served)).toThrow(ApiError);
  expect(() => generationsOf(request, prompt(61), served)).toThrow(/61 tokens .* 40: .* 100 tokens/);
});

test('n replies have seeds of their own', () => {
  const request = readCompletionRequest(body({ n: 5, seed: 1, max_tokens: 4 }), served);
  expect(new Set(generationsOf(request, [1, 2], served).map(({ seed }) => seed)).size).toBe(5);
});
