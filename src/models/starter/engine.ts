import { defined } from '../../core/defined.ts';
import type { ChatMessage } from '../../core/schemas/index.ts';
import {
  type BatchStrategy,
  importRuntime,
  type Llama,
  type LlamaGrammar,
  type LlamaModel,
  type LlamaModule,
  type LlamaSequence,
  type Token,
} from './llama.ts';
import { PrefixStore, WORTH_SAVING } from './prefixes.ts';
import { ChatTemplate } from './template.ts';
import { ReplyText } from './text.ts';

export interface EngineOptions {
  runtime: string;
  weights: string;
  threads: number;
  /** Most concurrent replies. */
  sequences: number;
  /** Tokens of prompt and reply of one call. */
  contextSize: number;
  /** Folder for evaluated prompts; removed at the end. */
  scratch: string;
}

export interface Generation {
  prompt: Token[];
  maxTokens: number;
  temperature: number;
  topP: number;
  /** 0 = all tokens. */
  topK: number;
  seed: number;
  stops: readonly string[];
  /** Limits the text of the reply. */
  grammar?: LlamaGrammar;
}

export interface Generated {
  finish: 'stop' | 'length';
  /** Completion tokens, the one that ended the reply not counted. */
  tokens: number;
  /** Prompt tokens that were not evaluated again. */
  reused: number;
}

/** Loading a sequence's state is not worth it for fewer tokens. */
const WORTH_LOADING = 64;
const BATCH = 512;
/** llama.cpp uses a random seed for this one. */
const ANY_SEED = 0xffff_ffff;

/**
 * The model with its sequences. A reply depends only on the request, to the bit. llama.cpp's attention sums in another order for one token than
 * for several, and with flash attention also for other batch sizes. So flash attention is off, and prompts are evaluated alone, never one token
 * at a time.
 */
export class Engine {
  readonly contextSize: number;
  readonly #library: LlamaModule;
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #template: ChatTemplate;
  readonly #prefixes: PrefixStore;
  /** Idle slots, the longest idle first. */
  readonly #free: Slot[];
  #waiting: (() => void)[] = [];
  #prompting: Promise<unknown> = Promise.resolve();
  readonly #close: () => Promise<void>;

  static async load(options: EngineOptions): Promise<Engine> {
    const { llama: library, jinja } = await importRuntime(options.runtime);
    const metal = process.platform === 'darwin' && process.arch === 'arm64';
    const llama = await library.getLlama({
      gpu: metal ? 'metal' : false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: 'error',
      maxThreads: options.threads,
    });
    const model = await llama.loadModel({ modelPath: options.weights });
    const contextSize = Math.min(options.contextSize, model.trainContextSize);
    const context = await model.createContext({
      contextSize,
      sequences: options.sequences,
      threads: options.threads,
      batchSize: BATCH,
      flashAttention: false,
      batching: { itemPrioritizationStrategy: promptsAlone },
    });
    const slots = Array.from({ length: options.sequences }, () => new Slot(context.getSequence()));
    const prefixes = new PrefixStore(options.scratch);
    const close = async () => {
      await context.dispose();
      await prefixes.dispose();
    };
    return new Engine({ library, llama }, model, new ChatTemplate(model, jinja), contextSize, slots, prefixes, close);
  }

  private constructor(
    { library, llama }: { library: LlamaModule; llama: Llama },
    model: LlamaModel,
    template: ChatTemplate,
    contextSize: number,
    slots: Slot[],
    prefixes: PrefixStore,
    close: () => Promise<void>,
  ) {
    this.#library = library;
    this.#llama = llama;
    this.#model = model;
    this.#template = template;
    this.contextSize = contextSize;
    this.#free = slots;
    this.#prefixes = prefixes;
    this.#close = close;
  }

  /** As those of ChatTemplate. @throws UserError `chat-template` */
  encode(messages: readonly ChatMessage[], continues?: boolean): Token[] {
    return this.#template.encode(messages, continues);
  }

  tokenize(text: string): Token[] {
    return this.#template.tokenize(text);
  }

  /** The grammar of a JSON Schema, or of any JSON without one. @throws Error for a schema that can't be one */
  grammar(schema: object | undefined): Promise<LlamaGrammar> {
    return schema === undefined
      ? this.#llama.getGrammarFor('json')
      : this.#llama.createGrammarForJsonSchema(withShortTexts(schema));
  }

  /**
   * Generates one reply when a sequence is free.
   * @param onText is called with each piece of text.
   * @throws the signal's reason when it aborts.
   */
  async generate(generation: Generation, onText: (text: string) => void, signal: AbortSignal): Promise<Generated> {
    while (this.#free.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const slot = this.#take(generation.prompt);
    try {
      const reused = await this.#prepare(slot, generation.prompt, signal);
      return { ...(await this.#write(slot.sequence, generation, onText, signal)), reused };
    } finally {
      this.#free.push(slot);
      this.#waiting.shift()?.();
    }
  }

  dispose(): Promise<void> {
    return this.#close();
  }

  /** The free slot that holds most of the prompt; the longest idle one when a saved state holds more. */
  #take(prompt: Token[]): Slot {
    const fits = this.#free.map((slot) => slot.fits(prompt));
    const best = Math.max(...fits);
    const index = this.#prefixes.longest(prompt) > best + WORTH_LOADING ? 0 : fits.indexOf(best);
    const [slot] = this.#free.splice(index, 1);
    if (!slot) throw new Error('No sequence is free.');
    return slot;
  }

  /**
   * Evaluates the prompt but for its last two tokens, one prompt at a time: of several calls with the same beginning, the first evaluates it and the
   * others load its state.
   * @returns how many tokens need not be evaluated.
   */
  #prepare(slot: Slot, prompt: Token[], signal: AbortSignal): Promise<number> {
    const end = Math.max(0, prompt.length - KEPT_FOR_LAST);
    const work = this.#prompting.then(async () => {
      signal.throwIfAborted();
      if (this.#prefixes.longest(prompt) > slot.fits(prompt) + WORTH_LOADING) await this.#prefixes.load(slot, prompt);
      const fits = Math.min(slot.fits(prompt), end);
      const reused = end - fits === 1 ? Math.max(0, fits - 1) : fits;
      await slot.truncate(reused);
      const rest = prompt.slice(reused, end);
      if (rest.length > 0) await slot.sequence.evaluateWithoutGeneratingNewTokens(rest);
      if (rest.length >= WORTH_SAVING && this.#prefixes.longest(prompt) < Math.max(WORTH_SAVING, end / 2)) {
        await this.#prefixes.save(slot.sequence, prompt.slice(0, end));
      }
      slot.prompted = prompt.length;
      return reused;
    });
    this.#prompting = work.catch(() => {});
    return work;
  }

  async #write(
    sequence: LlamaSequence,
    generation: Generation,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Pick<Generated, 'finish' | 'tokens'>> {
    const text = new ReplyText((tokens, before) => this.#model.detokenize(tokens, false, before), generation.stops);
    const { temperature, topP, topK, grammar, seed } = generation;
    const { LlamaGrammarEvaluationState } = this.#library;
    const state = grammar && new LlamaGrammarEvaluationState({ model: this.#model, grammar });
    const sampling = { temperature, topP, topK, seed: spread(seed), ...defined({ grammarEvaluationState: state }) };
    const last = generation.prompt.slice(sequence.nextTokenIndex);
    let tokens = 0;
    let finish: Generated['finish'] = 'stop';
    for await (const token of sequence.evaluate(last, sampling)) {
      signal.throwIfAborted();
      tokens += 1;
      const ready = text.push(token);
      if (ready !== '') onText(ready);
      if (text.stopped) break;
      if (tokens >= generation.maxTokens) {
        finish = 'length';
        break;
      }
    }
    const rest = text.end();
    if (rest !== '') onText(rest);
    return { finish, tokens };
  }
}

/** A sequence, and how many of its first tokens were evaluated as a prompt, not one by one as a reply. */
export class Slot {
  readonly sequence: LlamaSequence;
  prompted = 0;

  constructor(sequence: LlamaSequence) {
    this.sequence = sequence;
  }

  /** How many first tokens of a prompt need not be evaluated again. */
  fits(prompt: Token[]): number {
    return Math.min(this.prompted, this.sequence.compareContextTokens(prompt).firstDifferentIndex);
  }

  /** Keeps only the first `length` tokens. */
  async truncate(length: number): Promise<void> {
    this.prompted = Math.min(this.prompted, length);
    const end = this.sequence.nextTokenIndex;
    if (length < end) await this.sequence.eraseContextTokenRanges([{ start: length, end }]);
  }
}

/** Characters of a text for which a schema sets no limit: a small model does not end it by itself. */
const TEXT_LIMIT = 240;

/** The schema with a limit on each of its texts. */
function withShortTexts<T extends object>(schema: T): T {
  const limited = Object.entries(schema).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null ? withShortTexts(value) : value,
  ]);
  if (Array.isArray(schema)) return limited.map(([, value]) => value) as T;
  const { type, enum: choices } = schema as { type?: unknown; enum?: unknown };
  const isText = type === 'string' && choices === undefined;
  return { ...(isText && { maxLength: TEXT_LIMIT }), ...Object.fromEntries(limited) };
}

/** Tokens in the last evaluation of a prompt, which yields the first token of the reply. */
const KEPT_FOR_LAST = 2;

/** Schedules either one prompt, in parts of at least two tokens, or one token of each reply. */
export const promptsAlone: BatchStrategy = ({ items, size }) => {
  const prompt = items.find((item) => item.tokens.length > 1);
  if (!prompt) return items.map((item) => ({ item, processAmount: 1 }));
  const left = prompt.tokens.length;
  return [{ item: prompt, processAmount: left <= size ? left : left - size === 1 ? size - 1 : size }];
};

/** A seed for the sampler (MurmurHash3's finaliser), so that neighbouring seeds differ much; never ANY_SEED. */
export function spread(seed: number): number {
  let x = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  x = (x ^ (x >>> 16)) >>> 0;
  return x === ANY_SEED ? 1 : x;
}
