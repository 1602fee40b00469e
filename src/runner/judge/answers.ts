import { defined } from '../../core/defined.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import { UserError } from '../../core/errors.ts';
import {
  ANSWER_PROMPT,
  type AnswerPair,
  answerMessages,
  isOpen,
  overruledVerdict,
  readSameAnswer,
  type SameAnswer,
  sameAnswerSchema,
} from '../../core/review/judge/index.ts';
import {
  AnswerCall,
  type CallRequest,
  type Chain,
  costOf,
  type DecidingModel,
  hostOf,
  JudgeSettings,
  type ModelRef,
  type PieceName,
  type Prices,
  pricesOf,
  type Verdict,
} from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type {
  JudgeAnswersArgs,
  JudgeAnswersPlan,
  JudgeAnswersSummary,
  Overruling,
} from '../../protocol/judge-answers.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import { CallEstimate } from '../calls/call-estimate.ts';
import { Journal } from '../calls/journal.ts';
import { validReply } from '../calls/valid-reply.ts';
import { withCachedClient, workThrough } from '../calls/with-cached-client.ts';
import { promptsHash } from '../plan-round.ts';
import { CallCounts } from '../state.ts';
import { limitedJudge, type PlanContext } from './plan-judge.ts';
import type { JudgeContext } from './run-judge.ts';

const SEED = 'judge-answers';
/** Tokens of a reply without reasoning. */
const TOKENS_OF_REPLY = 40;
/** Most failures named in the result. */
const FAILED_NAMED = 20;

/** An answer that grading does not call correct, where it is, and its question. */
interface OpenAnswer extends AnswerPair {
  key: string;
  chainId: string;
  problemId: string;
  piece: PieceName;
  verdict: Verdict;
}

/** Everything decided before the first call. */
export interface AnswerWork {
  model: ModelRef;
  deciding: DecidingModel;
  prompt: string;
  settings: JudgeSettings;
  prices: Prices | undefined;
  answers: readonly OpenAnswer[];
}

/** Identifies what is asked: the same answer to a problem is judged once. */
export function answerKey(problemId: string, gold: string, answer: string): string {
  return JSON.stringify([problemId, gold, answer]);
}

/**
 * Plans which answers are judged by which model, and the cost, without a call. Answers that are graded correct are never asked about.
 * @throws UserError `judge` when no judge is named; StoreError for an unknown round; UserError `prompt` when the prompt can't be used.
 */
export async function planAnswers(
  dataset: Dataset,
  args: JudgeAnswersArgs,
  context: PlanContext,
): Promise<{ work: AnswerWork; plan: JudgeAnswersPlan }> {
  const own = dataset.settings.judge ?? JudgeSettings.parse({});
  const model = args.model ?? own.model;
  if (!model) {
    const advice = 'Name one with --url and --model or with --starter, or set judge.model in longhand.json.';
    throw new UserError('judge', 'The dataset has no judge.', advice);
  }
  const settings = limitedJudge(own, model);
  const prompt = await dataset.sharedPrompt(ANSWER_PROMPT, context.mediaFolder);
  const deciding = { host: hostOf(model), model: model.model, prompt: promptsHash({ [ANSWER_PROMPT]: prompt }) };
  const prices = pricesOf(dataset.settings, model);
  const work = { model, deciding, prompt, settings, prices };
  const calls = new CallEstimate(await Journal.open(dataset.answerJournal, AnswerCall));
  const answers = await openAnswers(dataset, args, context);
  const asked = new Set<string>();
  const kept: OpenAnswer[] = [];
  for (const answer of answers) {
    if (!asked.has(answer.key) && asked.size === args.limit) continue;
    if (!asked.has(answer.key)) calls.add(requestOf(work, answer), TOKENS_OF_REPLY);
    asked.add(answer.key);
    kept.push(answer);
  }
  const plan = { model, answers: kept.length, different: asked.size, ...calls.total(prices) };
  return { work: { ...work, answers: kept }, plan };
}

async function openAnswers(dataset: Dataset, args: JudgeAnswersArgs, context: PlanContext): Promise<OpenAnswer[]> {
  for (const round of args.rounds ?? []) await dataset.roundPlan(round);
  const named = args.chains && new Set(args.chains);
  const entries = dataset.index
    .chains()
    .filter(({ id, round }) => (args.rounds?.includes(round) ?? true) && (named?.has(id) ?? true));
  const found: OpenAnswer[] = [];
  for (const [done, { id }] of entries.entries()) {
    context.signal.throwIfAborted();
    context.progress({ done, total: entries.length, unit: 'chains', message: 'Planning' });
    try {
      const chain = await dataset.chain(id);
      found.push(...openAnswersOf(chain, await dataset.problem(chain.problemId)));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      context.log(`Chain ${id} is skipped: ${error.message}`);
    }
  }
  return found;
}

function openAnswersOf(chain: Chain, { problem, answer: gold }: { problem: string; answer: string }): OpenAnswer[] {
  if (gold.trim() === '') return [];
  return chain.pieces.flatMap(({ piece, verdict }) => {
    if (!isOpen(verdict)) return [];
    const { id: chainId, problemId } = chain;
    const key = answerKey(problemId, gold, verdict.extracted);
    return [{ key, chainId, problemId, piece, verdict, problem, gold, answer: verdict.extracted }];
  });
}

function requestOf({ deciding, prompt, settings }: Omit<AnswerWork, 'answers'>, pair: AnswerPair): CallRequest {
  const { host, model } = deciding;
  const messages = answerMessages(prompt, pair);
  return { host, model, messages, sampling: settings.sampling, seed: seedOf(SEED, 1), schema: sameAnswerSchema() };
}

/** What the judge replied, and which verdicts it overrules. */
export interface JudgedAnswers {
  summary: JudgeAnswersSummary;
  /** By answerKey. */
  said: ReadonlyMap<string, SameAnswer>;
}

/**
 * Asks about each different answer once. Paid calls are on disk as soon as they are known. A killed run is resumed by running again.
 * @throws ModelError when the model can't be used; StoreError when another process judges this dataset.
 */
export async function judgeAnswers(dataset: Dataset, work: AnswerWork, context: JudgeContext): Promise<JudgedAnswers> {
  const lock = await dataset.lockJudge();
  const counts = new CallCounts();
  const said = new Map<string, SameAnswer>();
  const failed: JudgeAnswersSummary['failed'] = [];
  const questions = [...new Map(work.answers.map((answer) => [answer.key, answer])).values()];
  let done = 0;
  let failures = 0;
  const report = (): void =>
    context.progress({
      done,
      total: questions.length,
      unit: 'answers',
      message: counts.waitingFor ?? plural(counts.calls, 'call'),
    });
  const { concurrency, idleTimeoutSeconds } = work.settings;
  const options = {
    model: work.model,
    journal: dataset.answerJournal,
    line: AnswerCall,
    concurrency,
    idleTimeoutSeconds,
  };
  const { calls } = dataset.settings;
  try {
    await withCachedClient({ ...options, calls, counts, onWaiting: report }, context, async (cached) => {
      report();
      await workThrough(questions, cached, { concurrency, signal: context.signal }, async (question) => {
        const reply = await ask(cached, work, question);
        if ('value' in reply) said.set(question.key, reply.value);
        else {
          failures++;
          const { chainId, piece } = question;
          if (failed.length < FAILED_NAMED) failed.push({ chainId, piece, reason: reply.reason });
        }
        done++;
        report();
      });
    });
  } finally {
    await lock.release();
  }
  const overrulings = work.answers.flatMap((answer) => overruling(answer, said.get(answer.key), work.deciding));
  const { promptTokens, completionTokens, retries, callsReused: reused } = counts;
  const cost = costOf(counts, work.prices) ?? null;
  const use = { calls: counts.calls, reused, retries, promptTokens, completionTokens, cost };
  return { said, summary: { judged: said.size, failures, failed, overrulings, ...use } };
}

function ask(cached: Pick<CachedClient<AnswerCall>, 'call'>, work: AnswerWork, question: OpenAnswer) {
  const { chainId, piece } = question;
  return validReply(cached, requestOf(work, question), {
    read: readSameAnswer,
    lineOf: (call, attempt) => ({ ...call, chainId, piece, attempt }),
    name: `${chainId}, ${piece}`,
    seed: SEED,
  });
}

function overruling(
  { chainId, problemId, piece, verdict, gold, answer }: OpenAnswer,
  said: SameAnswer | undefined,
  deciding: DecidingModel,
): Overruling[] {
  const after = said && overruledVerdict(verdict, said, deciding);
  if (said === undefined || after === undefined) return [];
  const { outcome: graded, detail } = verdict;
  const where = { chainId, problemId, piece, gold, answer };
  return [{ ...where, graded, outcome: after.outcome, reason: said.reason, ...defined({ gradedReason: detail }) }];
}
