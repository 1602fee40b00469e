import {
  type DialoguePiece,
  isCheck,
  type PromptValues,
  promptFileOf,
  renderHint,
  renderPrompt,
  seedOf,
} from '../core/dialogue/index.ts';
import type { CallReply, ChatMessage, DialogueSettings, JournalLine, Sampling } from '../core/model/index.ts';
import { Payer, type PayerOptions } from './payer.ts';

/** One asked candidate of a piece. */
export interface Asked {
  key: string;
  index: number;
  messages: ChatMessage[];
  reply: CallReply;
  /** The piece as it goes into the chain: the answer, or the reasoning where a server put everything there. */
  text: string;
}

export interface AskFor {
  problemId: string;
  piece: DialoguePiece;
  index: number;
  values: PromptValues;
  /** Keys of the calls that this one builds on; they make the seeds of different chains differ. */
  parents: readonly string[];
  /** The chat so far, when asking in one dialogue. */
  history?: readonly ChatMessage[];
  /** The trusted answer, when the model shall be told: hinted mode only. */
  gold?: string;
  /** For the journal, where prompts change between calls. */
  promptHash?: string;
}

export interface AskerOptions extends Omit<PayerOptions<JournalLine>, 'concurrency'> {
  plan: { dialogue: DialogueSettings; prompts: Record<string, string>; seed: number };
  host: string;
  model: string;
  /** Candidates of one piece that a request may ask for; 1 when absent. */
  samplesPerRequest?: number | undefined;
}

/** Asks for the pieces of a round. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #payer: Payer<JournalLine>;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#payer = new Payer({ ...options, concurrency: options.plan.dialogue.concurrency });
  }

  /**
   * The reply, or undefined when the server refused this one call.
   * @throws ModelError when going on makes no sense: no access, no connection, cancelled.
   */
  async ask(what: AskFor): Promise<Asked | undefined> {
    const [asked] = await this.#askAlike(what, [what.index]);
    return asked;
  }

  /**
   * Candidates of one piece, numbered from 0, in requests of several where `samplesPerRequest` says so and the server knows `n`. Out: a promise for
   * each, so that one can be graded while others are being written; they give and throw what `ask` does.
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
    const paid = await this.#payer.callMany(
      indexes.map((index) => {
        const seed = seedOf(plan.seed, problemId, piece, index, ...what.parents);
        return { host, model, messages, sampling, seed };
      }),
      (call, i) => ({
        ...{ ...call, problemId, piece, index: indexOf(i) },
        ...(promptHash === undefined ? {} : { promptHash }),
      }),
      `${problemId} ${piece} #${indexes.join(', ')}`,
    );
    return paid.map((one, i) =>
      'refused' in one
        ? undefined
        : { key: one.key, index: indexOf(i), messages, reply: one.reply, text: pieceText(one.reply) },
    );
  }
}

/** What a reply is as a piece: a model that only reasoned has said what it has to say there. */
export function pieceText(reply: CallReply): string {
  return reply.text.trim() === '' ? (reply.reasoning ?? '') : reply.text;
}

function samplingOf(piece: DialoguePiece, settings: DialogueSettings): Sampling {
  if (isCheck(piece)) return settings.check;
  return piece === 'summary' ? settings.summary : settings.answer;
}
