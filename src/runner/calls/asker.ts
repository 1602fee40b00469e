import { defined } from '../../core/defined.ts';
import {
  type DialoguePiece,
  isCheck,
  type PromptValues,
  promptFileOf,
  renderHint,
  renderPrompt,
  seedOf,
} from '../../core/dialogue/index.ts';
import {
  type CallReply,
  type ChatMessage,
  type DialogueSettings,
  type JournalLine,
  pieceText,
  type Sampling,
} from '../../core/schemas/index.ts';
import { CachedClient, type CachedClientOptions } from './cached-client.ts';

/** A reply to one candidate of a piece. */
export interface Asked {
  key: string;
  index: number;
  messages: ChatMessage[];
  reply: CallReply;
  /** The text of the piece for the chain: the answer, or the reasoning if the reply has only that. */
  text: string;
}

export interface AskFor {
  problemId: string;
  piece: DialoguePiece;
  index: number;
  values: PromptValues;
  /** Keys of the preceding calls, which make seeds differ between chains. */
  parents: readonly string[];
  /** The chat so far, when asking in one dialogue. */
  history?: readonly ChatMessage[];
  /** The trusted answer for the prompt; only in hinted mode. */
  gold?: string;
  /** For the journal, when prompts change between calls. */
  promptHash?: string;
}

export interface AskerOptions extends Omit<CachedClientOptions<JournalLine>, 'concurrency'> {
  plan: { dialogue: DialogueSettings; prompts: Record<string, string>; seed: number };
  host: string;
  model: string;
  /** Most candidates of one piece per request; 1 when absent. */
  samplesPerRequest?: number | undefined;
}

/** Requests the pieces of a round. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #client: CachedClient<JournalLine>;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#client = new CachedClient({ ...options, concurrency: options.plan.dialogue.concurrency });
  }

  drain(): Promise<void> {
    return this.#client.drain();
  }

  throwIfAllRefused(): void {
    this.#client.throwIfAllRefused();
  }

  /**
   * The reply; undefined when the server refused this call.
   * @throws ModelError when continuing is useless: no access, no connection, cancelled.
   */
  async ask(what: AskFor): Promise<Asked | undefined> {
    const [asked] = await this.#askAlike(what, [what.index]);
    return asked;
  }

  /**
   * Requests candidates of one piece, numbered from 0, several per request with `samplesPerRequest`.
   * @returns a promise for each, as `ask`, so that one can be graded while others are generated.
   */
  askSeveral(what: Omit<AskFor, 'index'>, count: number): Promise<Asked | undefined>[] {
    const perRequest = this.#options.samplesPerRequest ?? 1;
    const indexes = Array.from({ length: count }, (_, index) => index);
    const groups = Array.from({ length: Math.ceil(count / perRequest) }, (_, i) =>
      this.#askAlike(what, indexes.slice(i * perRequest, (i + 1) * perRequest)),
    );
    return indexes.map(async (i) => (await groups[Math.floor(i / perRequest)])?.[i % perRequest]);
  }

  async #askAlike(what: Omit<AskFor, 'index'>, indexes: readonly number[]): Promise<(Asked | undefined)[]> {
    const { plan, host, model } = this.#options;
    const { problemId, piece, gold, promptHash } = what;
    const values = gold === undefined ? what.values : { ...what.values, hint: renderHint(plan.prompts, gold) };
    const messages = renderPrompt(plan.prompts, promptFileOf(piece), values, what.history);
    const sampling = samplingOf(piece, plan.dialogue);
    const indexOf = (i: number): number => indexes[i] ?? 0;
    const paid = await this.#client.callMany(
      indexes.map((index) => {
        const seed = seedOf(plan.seed, problemId, piece, index, ...what.parents);
        return { host, model, messages, sampling, seed };
      }),
      (call, i) => ({ ...call, problemId, piece, index: indexOf(i), ...defined({ promptHash }) }),
      `${problemId} ${piece} #${indexes.join(', ')}`,
    );
    return paid.map((one, i) =>
      'refused' in one
        ? undefined
        : { key: one.key, index: indexOf(i), messages, reply: one.reply, text: pieceText(one.reply) },
    );
  }
}

function samplingOf(piece: DialoguePiece, settings: DialogueSettings): Sampling {
  if (isCheck(piece)) return settings.check;
  return piece === 'summary' ? settings.summary : settings.answer;
}
