import { join } from 'node:path';
import { type Cut, cutChain } from '../../core/continuation/cut.ts';
import { CHOOSE_MODEL, UserError } from '../../core/errors.ts';
import { thoughtBoundary } from '../../core/export/reasoning.ts';
import { foldActs } from '../../core/review/index.ts';
import {
  type Chain,
  type DatasetSettings,
  JournalLine,
  type ModelRef,
  type ModelRole,
  modelOf,
  RESPONSE_OF_PROMPT_SET,
  Sampling,
} from '../../core/schemas/index.ts';
import { formatCount } from '../../core/text/format.ts';
import { type ConnectOptions, connect } from '../../models/connect.ts';
import { ModelError } from '../../models/errors.ts';
import { journalKey } from '../../models/key.ts';
import { type ContinueArgs, type ContinuePlan, indexesOf } from '../../protocol/continuation.ts';
import type { Dataset } from '../../store/index.ts';
import { Journal } from '../calls/journal.ts';
import { ContinuationEstimate } from './continuation-estimate.ts';
import {
  type Asking,
  type ContinuedRound,
  continuationRequest,
  continuedRound,
  paidElsewhere,
  promptsOf,
} from './continuing.ts';

/** Everything decided before the first call. */
export interface ContinueWork {
  asking: Asking;
  cut: Cut;
  /** The whole text that is continued, of the chain or its reviewer. */
  text: string;
  /** Where its answer begins after a thought; 0 without one. */
  answerStart: number;
  round: ContinuedRound;
  /** Journals of other rounds with continuations of this model, which are only read. */
  paid: readonly Journal<JournalLine>[];
}

/**
 * Plans continuations of a chain, and what is still to be paid for them. Sends nothing.
 * @throws UserError `continue` for a place outside of the text, or without a model; StoreError for an unknown chain or problem.
 */
export async function planContinue(
  dataset: Dataset,
  args: ContinueArgs,
): Promise<{ work: ContinueWork; plan: ContinuePlan }> {
  const { settings } = dataset;
  const chain = await dataset.chain(args.chain);
  const problem = await dataset.problem(chain.problemId);
  const model = continuingModel(settings, args.role);
  const { reviewer } = args;
  const reviewed = reviewer === undefined ? chain : foldActs(chain, await dataset.reviewActs(chain.id, reviewer));
  const cut = cutText(reviewed, args.at, chain);
  const response = continuingSampling(settings, args.response);
  const asking = { chain, problem, model, response, prompts: await promptsOf(dataset, chain) };
  const round = await continuedRound(dataset, model);
  const paid = await paidElsewhere(dataset, round);
  const journals = [await journalOf(dataset, round), ...paid];
  const indexes = indexesOf(args);
  for (const index of indexes) {
    if (index >= args.samples) {
      const advice = `Choose one from 0 to ${formatCount(args.samples - 1)}, or request more with --samples.`;
      throw new UserError('continue', `There is no continuation ${formatCount(index)}.`, advice);
    }
  }
  const isPaid = (index: number): boolean => {
    const key = journalKey(continuationRequest(dataset, asking, cut, index));
    return journals.some((journal) => journal.has(key));
  };
  const reused = indexes.filter(isPaid).length;
  const estimate = new ContinuationEstimate(settings, model, response);
  estimate.add(asking, [cut], reviewed.text.length, indexes.length - reused);
  return {
    work: {
      ...{ asking, cut, round, paid, text: reviewed.text },
      answerStart: thoughtBoundary(reviewed, chain, 'answer')?.answerStart ?? 0,
    },
    plan: {
      ...{ chain: chain.id, model, kept: cut.text.length, reused, maxTokens: response.maxTokens },
      ...estimate.total(),
    },
  };
}

/** Milliseconds in which a server shows its token ids to a plan. */
const IDS_WITHIN_MS = 5_000;

/**
 * What shows first that the model continues exactly the kept text, as far as that is known without a paid call.
 * @throws ModelError `bad-request` when the endpoint can't continue it.
 */
export async function checkOfKept(
  dataset: Dataset,
  { asking, cut }: ContinueWork,
  context: Pick<ConnectOptions, 'distFolder' | 'cache' | 'signal'>,
): Promise<ContinuePlan['checkedBy']> {
  const { model } = asking;
  if (cut.prefix === '') return undefined;
  // A plan does not start it.
  if (model.kind === 'starter') return 'ids';
  try {
    const client = await connect(model, { ...context, idleTimeoutMs: IDS_WITHIN_MS });
    return await client.checkOfPrefix(continuationRequest(dataset, asking, cut, 0), context.signal);
  } catch (error) {
    context.signal?.throwIfAborted();
    if (error instanceof ModelError && error.kind !== 'bad-request') return undefined;
    throw error;
  }
}

/**
 * The model that continues: that of the role, or the fine-tuned one where there is one.
 * @throws UserError `continue` without a model, or with one that can't continue a text
 */
export function continuingModel(settings: DatasetSettings, role: ModelRole | undefined): ModelRef {
  const model = role ? modelOf(settings, role) : modelOf(settings, 'fine-tuned', true);
  if (model?.kind === 'vscode') {
    const advice = 'Choose a model at vLLM, SGLang, llama.cpp or the starter model with “Longhand: Manage Models…”.';
    throw new UserError('continue', `${model.model} is a model of VS Code, which can’t continue a given text.`, advice);
  }
  if (model) return model;
  throw new UserError('continue', `The dataset has no ${role ?? 'base'} model yet.`, CHOOSE_MODEL);
}

/** How continuations are sampled: as responses, with these changes. */
export function continuingSampling(settings: DatasetSettings, changes: ContinueArgs['response']): Sampling {
  const own = settings.sampling.response ?? RESPONSE_OF_PROMPT_SET[settings.promptSet];
  return Sampling.parse({ ...own, ...changes });
}

/** The paid calls of a round, which may not exist yet. */
function journalOf(dataset: Dataset, { round }: ContinuedRound): Promise<Journal<JournalLine>> {
  return Journal.open(join(dataset.roundFolder(round), 'journal.jsonl'), JournalLine);
}

function cutText(reviewed: Pick<Chain, 'text' | 'segments'>, at: number, chain: Chain): Cut {
  try {
    return cutChain(reviewed, at, chain);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError('continue', error.message, `Choose a place from 1 to ${formatCount(reviewed.text.length)}.`);
  }
}
