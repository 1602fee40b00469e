import { type CallRequest, type CostEstimate, estimated, type Prices } from '../../core/schemas/index.ts';
import { journalKey } from '../../models/key.ts';
import type { PaidCall } from './cached-client.ts';
import type { Journal } from './journal.ts';
import { MOST_TRIES } from './valid-reply.ts';

/** Average, also used for replies without a count. */
const CHARACTERS_OF_TOKEN = 4;

/** Estimated tokens of a text with these UTF-16 code units. */
export const tokensOf = (characters: number): number => Math.ceil(characters / CHARACTERS_OF_TOKEN);

/** UTF-16 code units of what a request sends as its prompt. */
export const charactersOf = ({ messages, prefix = '' }: Pick<CallRequest, 'messages' | 'prefix'>): number =>
  messages.reduce((sum, { content }) => sum + content.length, prefix.length);

/** Adds up what calls would cost that the journal does not answer yet. */
export class CallEstimate {
  readonly #journal: Pick<Journal<PaidCall>, 'has'>;
  readonly #seen = new Set<string>();
  #promptCharacters = 0;
  #completionTokens = 0;
  #completionTokensMax = 0;
  #reused = 0;

  constructor(journal: Pick<Journal<PaidCall>, 'has'>) {
    this.#journal = journal;
  }

  /** Counts a call. @param completionTokens expected for its reply */
  add(request: CallRequest, completionTokens: number): void {
    const key = journalKey(request);
    if (this.#journal.has(key) || this.#seen.has(key)) {
      this.#reused++;
      return;
    }
    this.#seen.add(key);
    this.#promptCharacters += charactersOf(request);
    this.#completionTokens += completionTokens;
    this.#completionTokensMax += MOST_TRIES * request.sampling.maxTokens;
  }

  /** The calls to be paid and their cost; `reused` counts calls that the journal or an equal call answers. */
  total(prices: Prices | undefined): CostEstimate & { reused: number; completionTokensMax: number } {
    const promptTokens = tokensOf(this.#promptCharacters);
    return {
      requests: this.#seen.size,
      reused: this.#reused,
      ...estimated({ promptTokens, completionTokens: Math.ceil(this.#completionTokens) }, prices, undefined),
      completionTokensMax: this.#completionTokensMax,
    };
  }
}
