import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError, generationsOf, readCompletionRequest } from '../../../src/models/starter/api.ts';
import { promptsAlone, spread } from '../../../src/models/starter/engine.ts';

const served = { model: 'smol', contextSize: 100 };
const body = (more: object) => JSON.stringify({ model: 'smol', messages: [{ role: 'user', content: 'hi' }], ...more });

test('a batch never mixes a prompt with replies, and a prompt never ends in a batch of one token', () => {
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

test("different seeds stay different, and none maps to the sampler's value for a random seed", () => {
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
])('a request with %s is refused with a message', (_name, text, status, words) => {
  expect(() => readCompletionRequest(text, served)).toThrow(words);
  expect(() => readCompletionRequest(text, served)).toThrow(expect.objectContaining({ status }));
});

test('a prompt is refused if it and the reply exceed the context size, and accepted if they just fit', () => {
  const request = readCompletionRequest(body({ max_tokens: 40 }), served);
  const prompt = (length: number) => Array.from({ length }, () => 0);
  expect(generationsOf(request, prompt(60), served)).toHaveLength(1);
  expect(() => generationsOf(request, prompt(61), served)).toThrow(ApiError);
  expect(() => generationsOf(request, prompt(61), served)).toThrow(/61 tokens .* 40: .* 100 tokens/);
});

test('each of n replies has its own seed', () => {
  const request = readCompletionRequest(body({ n: 5, seed: 1, max_tokens: 4 }), served);
  expect(new Set(generationsOf(request, [1, 2], served).map(({ seed }) => seed)).size).toBe(5);
});
