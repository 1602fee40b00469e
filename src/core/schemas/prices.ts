import { hostOf } from '../models/model-ref.ts';
import { Prices } from './cost.ts';
import { ModelRef } from './model-ref.ts';
import type { DatasetSettings, PricedModel } from './settings.ts';

/** The prices of a model; undefined if unknown. */
export function pricesOf({ prices }: Pick<DatasetSettings, 'prices'>, ref: ModelRef): Prices | undefined {
  const found = prices.find((one) => isFor(one, ref));
  return found && { prompt: found.prompt, completion: found.completion };
}

/** The list with the prices of one model set, or removed if `prices` is undefined. */
export function withPrices(list: readonly PricedModel[], ref: ModelRef, prices: Prices | undefined): PricedModel[] {
  const others = list.filter((one) => !isFor(one, ref));
  return prices === undefined ? others : [...others, { host: hostOf(ref), model: ref.model, ...prices }];
}

/** Migrates settings of older versions, in which the judge had its own prices, to the list of prices. Listed prices are newer. */
export function withJudgePricesMoved(raw: unknown): unknown {
  if (!isRecord(raw) || !isRecord(raw.judge) || raw.judge.prices === undefined) return raw;
  const { prices: own, ...judge } = raw.judge;
  const ref = ModelRef.safeParse(judge.model).data;
  const prices = Prices.safeParse(own).data;
  // Invalid prices are not moved.
  if (ref === undefined || prices === undefined || !(raw.prices === undefined || Array.isArray(raw.prices))) return raw;
  const list = (raw.prices ?? []) as PricedModel[];
  return { ...raw, judge, prices: list.some((one) => isFor(one, ref)) ? list : withPrices(list, ref, prices) };
}

const isFor = (one: PricedModel, ref: ModelRef): boolean => one?.host === hostOf(ref) && one.model === ref.model;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
