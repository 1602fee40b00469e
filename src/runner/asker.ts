import pLimit from 'p-limit';
import { type DialoguePiece, PROMPT_FILE, type PromptValues, renderPrompt, seedOf } from '../core/dialogue/index.ts';
import type {
  CallReply,
  CallRequest,
  ChatMessage,
  DialogueSettings,
  RoundPlan,
  Sampling,
} from '../core/model/index.ts';
import { ModelError } from '../models/errors.ts';
import { journalKey } from '../models/key.ts';
import type { Journal } from './journal.ts';
import type { RoundCounts } from './state.ts';

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
}

/** A call that the server will never answer as asked (too long, refused). More than this in a row ends the round. */
const MOST_REFUSALS = 8;

export interface AskerOptions {
  plan: RoundPlan & { dialogue: DialogueSettings; prompts: Record<string, string>; seed: number };
  host: string;
  model: string;
  journal: Journal;
  /** One call with its retries. */
  chat: (request: CallRequest, signal: AbortSignal) => Promise<CallReply>;
  counts: RoundCounts;
  signal: AbortSignal;
  log: (text: string) => void;
}

/** Asks the model, or the journal: what was paid for is never asked again, and the same call is never in flight twice. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #inFlight = new Map<string, Promise<CallReply | undefined>>();
  #refusals = 0;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#limit = pLimit(options.plan.dialogue.concurrency);
  }

  /**
   * The reply, or undefined when the server refused this one call.
   * @throws ModelError when going on makes no sense: no access, no connection, cancelled.
   */
  async ask(what: AskFor): Promise<Asked | undefined> {
    const { plan, host, model } = this.#options;
    const messages = renderPrompt(plan.prompts, PROMPT_FILE[what.piece], what.values, what.history);
    const request: CallRequest = {
      host,
      model,
      messages,
      sampling: samplingOf(what.piece, plan.dialogue),
      seed: seedOf(plan.seed, what.problemId, what.piece, what.index, ...what.parents),
    };
    const key = journalKey(request);
    const reply = await this.#once(key, what, request);
    if (!reply) return undefined;
    return { key, index: what.index, messages, reply, text: pieceText(reply) };
  }

  #once(key: string, what: AskFor, request: CallRequest): Promise<CallReply | undefined> {
    const running = this.#inFlight.get(key);
    if (running) return running;
    const started = this.#pay(key, what, request).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, started);
    return started;
  }

  async #pay(key: string, what: AskFor, request: CallRequest): Promise<CallReply | undefined> {
    const { journal, counts, chat, signal, log } = this.#options;
    const paid = await journal.get(key);
    if (paid) {
      counts.reused();
      return paid.reply;
    }
    try {
      const reply = await this.#limit(() => {
        signal.throwIfAborted();
        return chat(request, signal);
      });
      const { problemId, piece, index } = what;
      await journal.append({ key, at: new Date().toISOString(), problemId, piece, index, request, reply });
      counts.answered(reply);
      this.#refusals = 0;
      return reply;
    } catch (error) {
      if (!isRefusal(error) || ++this.#refusals > MOST_REFUSALS) throw error;
      log(`${what.problemId} ${what.piece} #${what.index}: ${error.message}`);
      return undefined;
    }
  }
}

/** What a reply is as a piece: a model that only reasoned has said what it has to say there. */
export function pieceText(reply: CallReply): string {
  return reply.text.trim() === '' ? (reply.reasoning ?? '') : reply.text;
}

/** An error of this one call only. */
function isRefusal(error: unknown): error is ModelError {
  return (
    error instanceof ModelError &&
    (error.kind === 'bad-request' || error.kind === 'malformed' || error.kind === 'timeout' || error.kind === 'server')
  );
}

function samplingOf(piece: DialoguePiece, settings: DialogueSettings): Sampling {
  if (piece === 'check[1]') return settings.check;
  return piece === 'summary' ? settings.summary : settings.answer;
}
