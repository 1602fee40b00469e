import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../core/errors.ts';
import { disagreements, JUDGE_PROMPT } from '../../core/review/judge/index.ts';
import {
  type Chain,
  hostOf,
  type Judge,
  JudgeCall,
  JudgeSettings,
  type ModelRef,
  pricesOf,
} from '../../core/schemas/index.ts';
import type { JudgeArgs, JudgePlan } from '../../protocol/judge.ts';
import type { VerbProgress } from '../../protocol/progress.ts';
import { type ChainEntry, type Dataset, StoreError } from '../../store/index.ts';
import { CallEstimate } from '../calls/call-estimate.ts';
import { Journal } from '../calls/journal.ts';
import { promptsHash } from '../plan.ts';
import { chainToJudge, firstRequest, type JudgedChain, type JudgeWork } from './window.ts';

export interface PlanContext {
  mediaFolder: string;
  signal: AbortSignal;
  log: (text: string) => void;
  progress: (progress: VerbProgress) => void;
}

/** Tokens of an answer without reasoning: its frame, and a number with a list of kinds for each sentence. */
const TOKENS_OF_FRAME = 10;
const TOKENS_OF_SENTENCE = 8;

/**
 * Plans which chains are judged by which model, and the expected cost, without a call. A chain already judged by this judge without failed windows is
 * skipped; `limit` counts the others, in the order of the index.
 * @throws UserError `judge` when no judge is named or nothing fits; StoreError for an unknown round; UserError `prompt` when the prompt can't be
 * used.
 */
export async function planJudge(
  dataset: Dataset,
  args: JudgeArgs,
  context: PlanContext,
): Promise<{ work: JudgeWork; plan: JudgePlan }> {
  const settings = dataset.settings.judge ?? JudgeSettings.parse({});
  const model = args.model ?? settings.model;
  if (!model) {
    throw new UserError(
      'judge',
      'The dataset has no judge.',
      'Name one with --url and --model or with --starter, or set judge.model in longhand.json.',
    );
  }
  const prompt = await dataset.sharedPrompt(JUDGE_PROMPT, context.mediaFolder);
  const judge = judgeOf(model, prompt, settings);
  const prices = pricesOf(dataset.settings, model);
  const journal = await Journal.open(dataset.judgeJournal, JudgeCall);
  const tokensOfSentence = await measuredTokens(dataset, judge);
  const chosen = await chooseChains(dataset, args);
  const chainIds: string[] = [];
  const counts = { chains: 0, judged: 0, windows: 0, sentences: 0 };
  const calls = new CallEstimate(journal);
  for (const [done, { id }] of chosen.entries()) {
    if (chainIds.length === args.limit) break;
    context.signal.throwIfAborted();
    context.progress({ done, total: chosen.length, unit: 'chains', message: 'Planning' });
    const read = await chainOf(dataset, id, settings, context.log);
    if (!read) continue;
    if (await isJudged(dataset, read.chain, judge)) {
      counts.judged++;
      continue;
    }
    chainIds.push(id);
    counts.chains++;
    counts.sentences += read.sentences;
    counts.windows += read.windows.length;
    for (const window of read.windows) {
      calls.add(
        firstRequest(judge, prompt, read.problem, window),
        expectedTokens(window.asked.length, tokensOfSentence),
      );
    }
  }
  return {
    work: { model, judge, settings, prompt, prices, chainIds },
    plan: { model, ...counts, ...calls.total(prices), measured: tokensOfSentence !== undefined },
  };
}

/** Completion tokens of an answer about some sentences. @param ofSentence as measured; without reasoning when undefined */
function expectedTokens(sentences: number, ofSentence: number | undefined): number {
  return ofSentence === undefined ? TOKENS_OF_FRAME + TOKENS_OF_SENTENCE * sentences : ofSentence * sentences;
}

function judgeOf(model: ModelRef, prompt: string, { sentences, context, sampling }: JudgeSettings): Judge {
  return {
    host: hostOf(model),
    model: model.model,
    prompt: promptsHash({ [JUDGE_PROMPT]: prompt }),
    sentences,
    context,
    sampling,
  };
}

async function chooseChains(dataset: Dataset, { rounds, chains }: JudgeArgs): Promise<ChainEntry[]> {
  for (const round of rounds ?? []) await dataset.roundPlan(round);
  const unknown = (chains ?? []).find((id) => !dataset.index.chain(id));
  if (unknown !== undefined)
    throw new UserError('judge', `The dataset has no chain “${unknown}”.`, 'Was its round removed?');
  const named = chains && new Set(chains);
  const fits = ({ id, round }: ChainEntry): boolean =>
    (rounds === undefined || rounds.includes(round)) && (named === undefined || named.has(id));
  const chosen = dataset.index.chains().filter(fits);
  if (chosen.length > 0) return chosen;
  throw new UserError(
    'judge',
    'There are no chains to judge.',
    'Generate or import some first, or choose other rounds.',
  );
}

/** Undefined and logged when the chain or its problem no longer exists. */
async function chainOf(
  dataset: Dataset,
  id: string,
  settings: JudgeSettings,
  log: (text: string) => void,
): Promise<JudgedChain | undefined> {
  try {
    return await chainToJudge(dataset, id, settings);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log(`Chain ${id} is skipped: ${error.message}`);
    return undefined;
  }
}

/** Whether the judgement is current. If only the classifier has changed, the journal gives it again without cost. */
async function isJudged(dataset: Dataset, chain: Chain, judge: Judge): Promise<boolean> {
  const before = await dataset.judgement(chain.id);
  if (!before || before.failed.length > 0 || !isDeepStrictEqual(before.judge, judge)) return false;
  return before.differ === disagreements(chain, before).length;
}

/** Completion tokens per sentence in the journaled calls of this model; a reasoning model writes many times its answer. */
async function measuredTokens(dataset: Dataset, { host, model }: Judge): Promise<number | undefined> {
  let tokens = 0;
  let sentences = 0;
  for await (const { request, reply, from, to } of dataset.judgeCalls()) {
    if (request.host !== host || request.model !== model) continue;
    tokens += reply.usage.completion;
    sentences += to - from + 1;
  }
  return sentences === 0 ? undefined : tokens / sentences;
}
