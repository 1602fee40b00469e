import { join } from 'node:path';
import { cutChain } from '../../core/continuation/cut.ts';
import { type StepPosterior, StepSearch, type StepTally } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { splitSteps } from '../../core/review/steps.ts';
import { passRate } from '../../core/sampling/index.ts';
import { type Chain, estimated, hostOf, pricesOf, type StepPlace, sampleOutcome } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type {
  PlaceValue,
  StepValues,
  StepValuesArgs,
  StepValuesPlan,
  StepValuesResult,
} from '../../protocol/step-values.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { appendLines } from '../../store/lines/files.ts';
import { workThrough } from '../calls/with-cached-client.ts';
import type { RunContext } from '../run-context.ts';
import { roundsOf, unbiasedTallies } from '../sampling/tallies.ts';
import { CallCounts } from '../state.ts';
import { type Asking, type Continuing, continuedRound, promptsOf, withContinuing } from './continuing.ts';
import { continuingModel, continuingSampling } from './plan-continue.ts';

/** Estimated tokens of a character of text. */
const TOKENS_OF_CHARACTER = 0.25;
const CHAINS_AT_ONCE = 8;

/**
 * Estimates where chains lose their chance to end right; see StepSearch. What is paid already is used first: samples of the problem by this model, and
 * continuations of the same text. Each chain is written as soon as it is known, and a killed run is resumed by running it again.
 * @throws UserError `continue` without a model or a chain; ModelError when the endpoint can't continue a text, or can't be used
 */
export async function estimateStepValues(
  dataset: Dataset,
  args: StepValuesArgs,
  context: RunContext,
): Promise<StepValuesResult> {
  const { settings } = dataset;
  const model = continuingModel(settings, args.role);
  const response = continuingSampling(settings, args.response);
  const chains = await chosenChains(dataset, args, context.signal);
  const plan = planOf(dataset, args, chains, { model, maxTokens: response.maxTokens });
  if (args.plan) return { plan, values: [], failed: [], calls: 0 };
  const round = await continuedRound(dataset, model);
  const fresh = unbiasedTallies(dataset, await roundsOf(dataset, model));
  const counts = new CallCounts();
  const result: StepValuesResult = { plan, values: [], failed: [], calls: 0 };
  const report = (): void =>
    context.progress({
      done: result.values.length + result.failed.length,
      total: chains.length,
      unit: 'chains',
      message: counts.waitingFor ?? plural(counts.calls, 'call'),
    });
  await withContinuing(dataset, { round, concurrency: args.concurrency, counts }, context, async (continuing) => {
    const limits = { concurrency: CHAINS_AT_ONCE, signal: context.signal };
    await workThrough(chains, continuing.cached, limits, async (chain) => {
      const problem = await dataset.problem(chain.problemId);
      const asking = { chain, problem, model, response, prompts: await promptsOf(dataset, chain) };
      const tally = fresh.get(chain.problemId);
      const known = tally ? [{ kept: 0, right: tally.successes, wrong: tally.attempts - tally.successes }] : [];
      const values = await valuesOf(asking, known, args, continuing);
      if ('refused' in values) result.failed.push({ chainId: chain.id, reason: values.refused });
      else {
        await appendLines(join(dataset.roundFolder(round.round), 'step-values.jsonl'), [values], { sync: true });
        result.values.push(values);
      }
      report();
    });
    continuing.cached.throwIfAllRefused();
  });
  return { ...result, calls: counts.calls };
}

async function chosenChains(dataset: Dataset, args: StepValuesArgs, signal: AbortSignal): Promise<Chain[]> {
  const found = await dataset.find(parseQuery(args.where ?? ''), { signal });
  const named = args.chains && new Set(args.chains);
  const ids: string[] = [];
  for (const { id } of found) {
    if (ids.length === args.limit) break;
    if (named?.has(id) !== false) ids.push(id);
  }
  if (ids.length > 0) return Promise.all(ids.map((id) => dataset.chain(id)));
  throw new UserError('continue', 'No chain matches.', 'Check --chains and --where.');
}

/** At most: half of each chain is written again by every continuation of the budget. */
function planOf(
  { settings }: Dataset,
  { budget }: StepValuesArgs,
  chains: readonly Chain[],
  { model, maxTokens }: { model: StepValuesPlan['model']; maxTokens: number },
): StepValuesPlan {
  const requests = budget * chains.length;
  let promptTokens = 0;
  let completionTokens = 0;
  for (const { text, tokens } of chains) {
    promptTokens += (budget * text.length * TOKENS_OF_CHARACTER) / 2;
    completionTokens += budget * Math.min(maxTokens, tokens.count / 2);
  }
  const use = { promptTokens: Math.ceil(promptTokens), completionTokens: Math.ceil(completionTokens) };
  const steps = chains.reduce((sum, { text, segments }) => sum + splitSteps(text, segments).length, 0);
  return {
    ...{ model, chains: chains.length, steps, requests },
    ...estimated(use, pricesOf(settings, model), undefined),
    completionTokensMax: requests * maxTokens,
  };
}

async function valuesOf(
  asking: Asking,
  known: readonly StepTally[],
  args: StepValuesArgs,
  continuing: Continuing,
): Promise<StepValues | { refused: string }> {
  const { chain } = asking;
  const steps = splitSteps(chain.text, chain.segments);
  const isRight = chain.verdict.outcome === 'correct';
  const end = { kept: steps.length, right: isRight ? 1 : 0, wrong: isRight ? 0 : 1 };
  const search = new StepSearch(steps.length, [...known, end], args);
  const asked = new Map<number, number>();
  for (let next = search.next(); next !== undefined; next = search.next()) {
    const { kept, samples } = next;
    const cut = cutChain(chain, steps[kept - 1]?.end ?? 0, chain);
    const from = asked.get(kept) ?? 0;
    asked.set(kept, from + samples);
    const indexes = Array.from({ length: samples }, (_, i) => from + i);
    const made = await Promise.all(indexes.map((index) => continuing.ask(asking, cut, index)));
    const refused = made.find((one) => 'refused' in one);
    if (refused && 'refused' in refused) return { refused: refused.refused.message };
    const outcomes = made.flatMap((one) => ('refused' in one ? [] : [one.continuation]));
    const right = outcomes.filter(({ verdict, ended }) => sampleOutcome(verdict.outcome, ended) === 'correct').length;
    search.add({ kept, right, wrong: samples - right });
  }
  return lineOf(
    asking,
    steps,
    search,
    [...asked.values()].reduce((sum, one) => sum + one, 0),
  );
}

function lineOf(
  { chain, model }: Asking,
  steps: readonly StepPlace[],
  { tallies, posterior }: StepSearch,
  samples: number,
): StepValues {
  return {
    ...{ chainId: chain.id, text: textHash(chain.text), at: new Date().toISOString() },
    ...{ host: hostOf(model), model: model.model, steps: steps.length, samples },
    places: tallies.map((tally) => placeValue(tally, steps)),
    ...{ before: posterior.before, after: posterior.after },
    ...defined({ firstWrong: firstWrong(posterior, steps) }),
  };
}

function placeValue({ kept, right, wrong }: StepTally, steps: readonly StepPlace[]): PlaceValue {
  const { mean, low, high } = passRate(right + wrong, right);
  return { ...{ kept, at: steps[kept - 1]?.end ?? 0, right, wrong }, ...{ mean, low, high } };
}

function firstWrong({ step, within }: StepPosterior, steps: readonly StepPlace[]): StepValues['firstWrong'] {
  const place = step === undefined ? undefined : steps[step - 1];
  return step === undefined || place === undefined ? undefined : { step, start: place.start, end: place.end, within };
}
