import type { Cut } from '../../core/continuation/cut.ts';
import { defined } from '../../core/defined.ts';
import { costOf, type DatasetSettings, type ModelRef, pricesOf, type Sampling } from '../../core/schemas/index.ts';
import type { ContinuationCost } from '../../protocol/continuation.ts';
import { charactersOf, tokensOf } from '../calls/call-estimate.ts';
import { type Asking, continuationRequest } from './continuing.ts';

/** Adds up what continuations cost: as expected, and at most. A server may add a few tokens of its chat template to each prompt. */
export class ContinuationEstimate {
  readonly #settings: DatasetSettings;
  readonly #model: ModelRef;
  readonly #maxTokens: number;
  #requests = 0;
  #characters = 0;
  #charactersMax = 0;
  #completionTokens = 0;

  /** @param response how they are sampled */
  constructor(settings: DatasetSettings, model: ModelRef, response: Sampling) {
    this.#settings = settings;
    this.#model = model;
    this.#maxTokens = response.maxTokens;
  }

  /**
   * Counts continuations of a chain.
   * @param cuts the places where each of them may begin: all are equally likely, and the longest costs most
   * @param length of the whole text
   */
  add(asking: Asking, cuts: readonly Cut[], length: number, count: number): void {
    const prompt = charactersOf(continuationRequest({ settings: this.#settings }, asking, { prefix: '' }, 0));
    const rest = ({ text }: Cut): number => asking.chain.tokens.count * (1 - text.length / Math.max(1, length));
    const mean = (of: (cut: Cut) => number): number =>
      cuts.reduce((sum, cut) => sum + of(cut), 0) / Math.max(1, cuts.length);
    this.#requests += count;
    this.#characters += count * (prompt + mean(({ prefix }) => prefix.length));
    this.#charactersMax += count * cuts.reduce((most, { prefix }) => Math.max(most, prompt + prefix.length), prompt);
    this.#completionTokens += count * mean((cut) => Math.min(this.#maxTokens, Math.max(1, rest(cut))));
  }

  /** @param limit of all completion tokens */
  total(limit = Number.POSITIVE_INFINITY): ContinuationCost {
    const prices = pricesOf(this.#settings, this.#model);
    const promptTokens = tokensOf(this.#characters);
    const completionTokens = Math.min(limit, Math.ceil(this.#completionTokens));
    const most = {
      promptTokens: tokensOf(this.#charactersMax),
      completionTokens: Math.min(limit, this.#requests * this.#maxTokens),
    };
    return {
      ...{ requests: this.#requests, promptTokens, completionTokens, completionTokensMax: most.completionTokens },
      ...defined({ cost: costOf({ promptTokens, completionTokens }, prices), costMax: costOf(most, prices) }),
    };
  }
}
