import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costOf,
  DatasetSettings,
  type ModelRef,
  modelOf,
  pricesOf,
  withJudgePricesMoved,
  withPrices,
} from '../../../src/core/schemas/index.ts';

const at = (baseURL: string, model: string): ModelRef => ({ kind: 'openai', baseURL, model });
const A = at('https://a.example/v1', 'm');
const B = at('https://b.example/v1', 'm');
const price = fc.double({ min: 0, max: 100, noNaN: true });
const prices = fc.record({ prompt: price, completion: price });

describe('prices', () => {
  it('belong to a model on a host, for any path of its address', () => {
    const list = withPrices([], A, { prompt: 1, completion: 2 });
    expect(pricesOf({ prices: list }, at('https://a.example/other/v1', 'm'))).toEqual({ prompt: 1, completion: 2 });
    expect(pricesOf({ prices: list }, B)).toBeUndefined();
    expect(pricesOf({ prices: list }, at('https://a.example/v1', 'n'))).toBeUndefined();
  });

  it('the latest prices of a model replace its earlier ones, and not those of another model', () => {
    fc.assert(
      fc.property(prices, prices, prices, (first, second, other) => {
        const list = withPrices(withPrices(withPrices([], A, first), B, other), A, second);
        expect(pricesOf({ prices: list }, A)).toEqual(second);
        expect(pricesOf({ prices: list }, B)).toEqual(other);
        expect(list).toHaveLength(2);
        expect(pricesOf({ prices: withPrices(list, A, undefined) }, A)).toBeUndefined();
      }),
    );
  });

  it('without prices the cost is unknown, not 0', () => {
    expect(costOf({ promptTokens: 1e6, completionTokens: 1e6 }, undefined)).toBeUndefined();
    expect(costOf({ promptTokens: 1e6, completionTokens: 1e6 }, { prompt: 0, completion: 0 })).toBe(0);
    expect(costOf({ promptTokens: 5e5, completionTokens: 1e5 }, { prompt: 2, completion: 10 })).toBeCloseTo(2, 12);
  });
});

describe('a longhand.json of an earlier version', () => {
  const old = { version: 1, id: '12345678', name: 'd', judge: { model: B, prices: { prompt: 2, completion: 10 } } };

  it('keeps the prices of its judge as prices of the model', () => {
    const settings = DatasetSettings.parse(withJudgePricesMoved(old));
    expect(pricesOf(settings, B)).toEqual({ prompt: 2, completion: 10 });
    expect(pricesOf(settings, A)).toBeUndefined();
    expect(settings.judge?.model).toEqual(B);
  });

  it('has lower precedence than prices of that model in the list', () => {
    const list = withPrices([], B, { prompt: 3, completion: 4 });
    const settings = DatasetSettings.parse(withJudgePricesMoved({ ...old, prices: list }));
    expect(settings.prices).toEqual(list);
  });

  it.each([null, 7, {}, { judge: null }, { judge: { prices: 'many' } }, { judge: { model: B, prices: 1 }, prices: 2 }])(
    'is unchanged if it can’t be read: %j',
    (raw) => expect(withJudgePricesMoved(raw)).toEqual(raw),
  );
});

it('the fine-tuned model falls back to the base model only on request', () => {
  expect(modelOf({ model: A }, 'fine-tuned')).toBeUndefined();
  expect(modelOf({ model: A }, 'fine-tuned', true)).toEqual(A);
  expect(modelOf({ model: A, fineTuned: B }, 'fine-tuned', true)).toEqual(B);
  expect(modelOf({ model: A, fineTuned: B }, 'base')).toEqual(A);
});
