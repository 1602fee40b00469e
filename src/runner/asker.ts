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
    const { plan, host, model } = this.#options;
    const { problemId, piece, index, gold, promptHash } = what;
    const values = gold === undefined ? what.values : { ...what.values, hint: renderHint(plan.prompts, gold) };
    const messages = renderPrompt(plan.prompts, promptFileOf(piece), values, what.history);
    const sampling = samplingOf(piece, plan.dialogue);
    const seed = seedOf(plan.seed, problemId, piece, index, ...what.parents);
    const paid = await this.#payer.call(
      { host, model, messages, sampling, seed },
      (call) => ({ ...call, problemId, piece, index, ...(promptHash === undefined ? {} : { promptHash }) }),
      `${problemId} ${piece} #${index}`,
    );
    if ('refused' in paid) return undefined;
    return { key: paid.key, index, messages, reply: paid.reply, text: pieceText(paid.reply) };
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
