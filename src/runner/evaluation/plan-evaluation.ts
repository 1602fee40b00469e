import { defined } from '../../core/defined.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import type { EvaluationPlan, EvaluationSet } from '../../core/evaluation/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { estimated, type Problem, pricesOf, RESPONSE_OF_PROMPT_SET, Sampling } from '../../core/schemas/index.ts';
import type { EvaluateArgs } from '../../protocol/evaluation.ts';
import { nextEvaluationNumber, problemsHash } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { samplesPerRequestOf } from '../calls/samples-per-request.ts';
import { promptsHash } from '../plan-round.ts';
import { sampledModel } from '../sampling/plan-sampling.ts';
import { assumedRate } from '../sampling/rate.ts';
import { requestTokens, responsePrompts } from '../sampling/response-call.ts';
import { roundsOf } from '../sampling/tallies.ts';

/** `gsm8k` of `openai/gsm8k`, `aime24` of `benchmarks/aime24.jsonl`. */
const setName = ({ file, hub }: EvaluationSet): string | undefined =>
  hub?.repo.slice(hub.repo.lastIndexOf('/') + 1) ?? file?.replace(/\.\w+$/, '').replace(/benchmarks\/|problems\//, '');

/** Default samples per problem: enough for a first look, too few for a small benchmark. */
const USUAL_K = 4;

/** Problems to be evaluated, and where they come from. */
export interface ProblemSet {
  set: EvaluationSet;
  problems: readonly Problem[];
}

type Args = Pick<
  EvaluateArgs,
  'role' | 'model' | 'prompt' | 'k' | 'limit' | 'response' | 'seed' | 'name' | 'concurrency'
>;

/**
 * Decides everything about an evaluation before its first call, and what it is expected to cost. Nothing is written.
 * @throws UserError `round` when there is no model; UserError `prompt` when the prompt file can't be used.
 */
export async function planEvaluation(
  dataset: Dataset,
  { set, problems: all }: ProblemSet,
  args: Args,
): Promise<{ plan: EvaluationPlan; problems: Problem[] }> {
  const { settings: own } = dataset;
  const { model, role } = args.model
    ? { model: args.model, role: args.role ?? 'fine-tuned' }
    : sampledModel(dataset, args.role);
  const usualName = `${role}-${setName(set) ?? own.name}`;
  const evaluation = `${await nextEvaluationNumber(dataset.folder)}-${slug(args.name ?? usualName, 'evaluation')}`;
  const response = Sampling.parse({
    ...(own.sampling.response ?? RESPONSE_OF_PROMPT_SET[own.promptSet]),
    ...args.response,
  });
  const concurrency = args.concurrency ?? own.sampling.concurrency;
  const samplesPerRequest =
    own.sampling.samplesPerRequest ?? (await samplesPerRequestOf(dataset.folder, model, concurrency));
  const prompts = await responsePrompts(dataset, args.prompt);
  const problems = drawn(all, args.limit, own.id);
  const k = args.k ?? USUAL_K;
  const prices = pricesOf(own, model);
  const tokensOf = requestTokens(prompts);
  const rate = await assumedRate(dataset, await roundsOf(dataset, model), response);
  const samples = problems.length * k;
  const requests = problems.length * Math.ceil(k / samplesPerRequest);
  const promptTokens = k * problems.reduce((sum, { problem }) => sum + tokensOf(problem.length), 0);
  const completionTokens = Math.round(samples * rate.completionTokens);
  const plan: EvaluationPlan = {
    version: 1,
    evaluation,
    createdAt: new Date().toISOString(),
    set,
    problemIds: problems.map(({ id }) => id),
    problemsHash: problemsHash(problems),
    k,
    model,
    role,
    promptSet: own.promptSet,
    promptsHash: promptsHash(prompts),
    prompts,
    response,
    samplesPerRequest,
    concurrency,
    idleTimeoutSeconds: own.sampling.idleTimeoutSeconds,
    grading: resolvePolicy(own.grading),
    seed: args.seed ?? seedOf(own.id, 'evaluation', evaluation),
    ...defined({ prices }),
    expected: {
      ...estimated({ requests, promptTokens, completionTokens }, prices, rate.tokensPerSecond),
      completionTokensMax: samples * response.maxTokens,
      from: rate.from,
    },
  };
  return { plan, problems };
}

/** The same problems for each model that is evaluated on a part of a set. */
function drawn(problems: readonly Problem[], limit: number | undefined, datasetId: string): Problem[] {
  if (limit === undefined || limit >= problems.length) return [...problems];
  const lots = new Map(problems.map(({ id }) => [id, seedOf(datasetId, 'evaluated', id)]));
  const taken = new Set(
    [...lots]
      .sort(([, a], [, b]) => a - b)
      .slice(0, limit)
      .map(([id]) => id),
  );
  return problems.filter(({ id }) => taken.has(id));
}
