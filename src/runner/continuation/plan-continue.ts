import { join } from 'node:path';
import { type Cut, cutChain } from '../../core/continuation/cut.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import { UserError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { foldActs } from '../../core/review/index.ts';
import {
  type CallRequest,
  type Chain,
  JournalLine,
  type ModelRef,
  modelOf,
  type Problem,
  pricesOf,
  RESPONSE_OF_PROMPT_SET,
  type RoundPlan,
  Sampling,
  sameModel,
} from '../../core/schemas/index.ts';
import type { ContinueArgs, ContinuePlan } from '../../protocol/continuation.ts';
import type { Dataset } from '../../store/index.ts';
import { CallEstimate } from '../calls/call-estimate.ts';
import { Journal } from '../calls/journal.ts';
import { responsePrompts, responseRequest } from '../sampling/response-call.ts';
import { roundsOf } from '../sampling/tallies.ts';

/** Everything decided before the first call. */
export interface ContinueWork {
  chain: Chain;
  problem: Problem;
  cut: Cut;
  /** The whole text that is continued, by the chain or its reviewer. */
  text: string;
  requests: CallRequest[];
  /** Where calls and kept chains are stored; it may not exist yet. */
  round: RoundPlan & { model: ModelRef };
}

/**
 * Plans continuations of a chain: their requests, which depend on nothing but the kept text and their number, and what is still to be paid.
 * @throws UserError `continue` for a place outside of the text, or without a model; StoreError for an unknown chain or problem.
 */
export async function planContinue(
  dataset: Dataset,
  args: ContinueArgs,
): Promise<{ work: ContinueWork; plan: ContinuePlan }> {
  const { settings } = dataset;
  const chain = await dataset.chain(args.chain);
  const problem = await dataset.problem(chain.problemId);
  const model = args.role ? modelOf(settings, args.role) : modelOf(settings, 'fine-tuned', true);
  if (!model) {
    throw new UserError('continue', 'The dataset has no such model.', 'Choose one with “Longhand: Manage Models…”.');
  }
  const { reviewer } = args;
  const reviewed = reviewer === undefined ? chain : foldActs(chain, await dataset.reviewActs(chain.id, reviewer));
  const cut = cutText(reviewed, args.at);
  const response = Sampling.parse({
    ...(settings.sampling.response ?? RESPONSE_OF_PROMPT_SET[settings.promptSet]),
    ...args.response,
  });
  const requests = await requestsOf(dataset, { chain, problem, cut, model, response, samples: args.samples });
  const round = await continuedRound(dataset, model);
  const journal = await Journal.open(join(dataset.roundFolder(round.round), 'journal.jsonl'), JournalLine);
  const calls = new CallEstimate(journal);
  const left = 1 - cut.text.length / Math.max(1, reviewed.text.length);
  const expected = Math.min(response.maxTokens, Math.max(1, Math.round(chain.tokens.count * left)));
  for (const request of requests) calls.add(request, expected);
  const { completionTokensMax: _, ...estimate } = calls.total(pricesOf(settings, model));
  return {
    work: { chain, problem, cut, text: reviewed.text, requests, round },
    plan: {
      ...{ chain: chain.id, model, kept: cut.text.length, inThought: cut.inThought, maxTokens: response.maxTokens },
      ...estimate,
    },
  };
}

function cutText(chain: Pick<Chain, 'text' | 'segments'>, at: number): Cut {
  try {
    return cutChain(chain, at);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const advice = `Choose a place from 1 to ${chain.text.length}.`;
    throw new UserError('continue', `${error.message}`, advice);
  }
}

interface Asking {
  chain: Chain;
  problem: Problem;
  cut: Cut;
  model: ModelRef;
  response: Sampling;
  samples: number;
}

/** A sampled chain is continued after the prompt that it was sampled with. */
async function requestsOf(
  dataset: Dataset,
  { chain, problem, cut, model, response, samples }: Asking,
): Promise<CallRequest[]> {
  const own = chain.origin === 'sampled' ? (await dataset.roundPlan(chain.round)).prompts : undefined;
  const prompts = own?.response === undefined ? await responsePrompts(dataset) : own;
  const seed = seedOf(dataset.settings.id, 'continuation', cut.prefix);
  return Array.from({ length: samples }, (_, index) => ({
    ...responseRequest({ model, prompts, seed, response }, problem, index),
    prefix: cut.prefix,
  }));
}

/** The round of this model's continuations: the one that exists, or the next. */
async function continuedRound(dataset: Dataset, model: ModelRef): Promise<ContinueWork['round']> {
  const own = (await roundsOf(dataset, model)).findLast(({ kind }) => kind === 'continued');
  if (own?.model && sameModel(own.model, model)) return { ...own, model: own.model };
  const { grading, filters } = dataset.settings;
  return {
    version: 1,
    round: `${dataset.nextRoundNumber()}-continued`,
    kind: 'continued',
    createdAt: new Date().toISOString(),
    problemIds: [],
    model,
    filters,
    grading: resolvePolicy(grading),
  };
}
