import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A token's number in the vocabulary. */
export type Token = number;

/**
 * The used part of node-llama-cpp 3.22. The package is installed on request and imported from the cache, so its own types are not
 * available.
 */
export interface LlamaModule {
  getLlama(options: {
    gpu: false | 'metal';
    build: 'never';
    skipDownload: true;
    progressLogs: false;
    logLevel: 'error';
    maxThreads: number;
  }): Promise<Llama>;
  /** What the grammar allows next; one for each reply. */
  readonly LlamaGrammarEvaluationState: new (options: {
    model: LlamaModel;
    grammar: LlamaGrammar;
  }) => GrammarState;
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  getGrammarFor(type: 'json'): Promise<LlamaGrammar>;
  createGrammarForJsonSchema(schema: object): Promise<LlamaGrammar>;
}

/** Limits a reply to texts of a form. */
export interface LlamaGrammar {
  readonly grammar: string;
}

export type GrammarState = object;

export interface LlamaModel {
  readonly fileInfo: { readonly metadata: { readonly tokenizer?: { readonly chat_template?: unknown } } };
  readonly trainContextSize: number;
  readonly tokens: {
    readonly bosString: string | null;
    readonly eosString: string | null;
    readonly bos: Token | null;
    readonly shouldPrependBosToken: boolean;
  };
  tokenize(text: string, specialTokens: boolean): Token[];
  detokenize(tokens: readonly Token[], specialTokens: boolean, lastTokens?: readonly Token[]): string;
  isSpecialToken(token: Token): boolean;
  isEogToken(token: Token): boolean;
  iterateAllTokens(): Iterable<Token>;
  createContext(options: {
    contextSize: number;
    sequences: number;
    threads: number;
    batchSize: number;
    flashAttention: boolean;
    batching: { itemPrioritizationStrategy: BatchStrategy };
  }): Promise<LlamaContext>;
}

export interface BatchItem {
  readonly tokens: readonly Token[];
}
export type BatchStrategy = (waiting: {
  items: readonly BatchItem[];
  size: number;
}) => { item: BatchItem; processAmount: number }[];

export interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}

export interface LlamaSequence {
  readonly nextTokenIndex: number;
  compareContextTokens(tokens: Token[]): { firstDifferentIndex: number };
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): Promise<void>;
  evaluate(
    tokens: Token[],
    options: {
      temperature: number;
      topP: number;
      topK: number;
      seed: number;
      grammarEvaluationState?: GrammarState;
    },
  ): AsyncGenerator<Token, void, undefined>;
  saveStateToFile(file: string): Promise<{ fileSize: number }>;
  loadStateFromFile(file: string, risk: { acceptRisk: true }): Promise<void>;
}

/** The used part of @huggingface/jinja, a dependency of node-llama-cpp. */
export interface JinjaModule {
  Template: new (source: string) => { render(context: Record<string, unknown>): string };
}

/** Imports both from a runtime folder (see `StarterInstall.runtime`). */
export async function importRuntime(runtime: string): Promise<{ llama: LlamaModule; jinja: JinjaModule }> {
  const home = join(runtime, 'node_modules', 'node-llama-cpp');
  const jinjaFile = createRequire(join(home, 'package.json')).resolve('@huggingface/jinja');
  const load = (file: string): Promise<unknown> => import(pathToFileURL(file).href);
  const llama = (await load(join(home, 'dist', 'index.js'))) as LlamaModule;
  return { llama, jinja: (await load(jinjaFile)) as JinjaModule };
}
