import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../core/errors.ts';
import { BEHAVIOUR_TASK, type BehaviourLabels, disagreements } from '../../core/review/judge/index.ts';
import {
  type Chain,
  type Judge,
  JudgeCall,
  JudgeSettings,
  type ModelRef,
  type Prices,
  pricesOf,
} from '../../core/schemas/index.ts';
import type { JudgeArgs, JudgePlan } from '../../protocol/judge.ts';
import type { VerbProgress } from '../../protocol/progress.ts';
import { type ChainEntry, type Dataset, StoreError } from '../../store/index.ts';
import { CallEstimate } from '../calls/call-estimate.ts';
import { Journal } from '../calls/journal.ts';
import { estimateWindow, judgeQuestion, measuredTokens } from './question.ts';
import { chainToJudge, type JudgedChain, type JudgeQuestion } from './window.ts';

export interface PlanContext {
  mediaFolder: string;
  signal: AbortSignal;
  log: (text: string) => void;
  progress: (progress: VerbProgress) => void;
}

/** Everything decided before the first call. */
export interface JudgeWork {
  model: ModelRef;
  question: JudgeQuestion<BehaviourLabels>;
  settings: JudgeSettings;
  /** Prices of the model, if known. */
  prices: Prices | undefined;
  chainIds: readonly string[];
}

/** The starter model does not reason, and has a short context. */
const STARTER_TOKENS = 256;

/** The settings of a judge with the limits of its model. */
export function limitedJudge(settings: JudgeSettings, { kind }: ModelRef): JudgeSettings {
  if (kind !== 'starter') return settings;
  const maxTokens = Math.min(settings.sampling.maxTokens, STARTER_TOKENS);
  return { ...settings, sampling: { ...settings.sampling, maxTokens } };
}

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
  const own = dataset.settings.judge ?? JudgeSettings.parse({});
  const settings = { ...own, secondPass: args.secondPass ?? own.secondPass };
  const model = args.model ?? settings.model;
  if (!model) {
    throw new UserError(
      'judge',
      'The dataset has no judge.',
      'Name one with --url and --model or with --starter, or set judge.model in longhand.json.',
    );
  }
  const readPrompt = (name: string): Promise<string> => dataset.sharedPrompt(name, context.mediaFolder);
  const question = await judgeQuestion(BEHAVIOUR_TASK, model, settings, readPrompt);
  const { judge } = question;
  const prices = pricesOf(dataset.settings, model);
  const journal = await Journal.open(dataset.judgeJournal, JudgeCall);
  const ofSentence = await measuredTokens(dataset.judgeCalls(), judge);
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
    for (const window of read.windows) await estimateWindow(calls, journal, question, window, ofSentence);
  }
  const { secondPass } = settings;
  return {
    work: { model, question, settings, prices, chainIds },
    plan: { model, secondPass, ...counts, ...calls.total(prices), measured: ofSentence !== undefined },
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
  if (!before || before.failed.length > 0 || before.unconfirmed?.length || !isDeepStrictEqual(before.judge, judge))
    return false;
  return before.differ === disagreements(chain, before).length;
}
