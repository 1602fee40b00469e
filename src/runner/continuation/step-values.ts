import { join } from 'node:path';
import { type Cut, cutChain } from '../../core/continuation/cut.ts';
import { type StepPosterior, StepSearch, type StepTally } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { splitSteps } from '../../core/review/steps.ts';
import { passRate } from '../../core/sampling/index.ts';
import { endedRight, estimated, hostOf, pricesOf, type StepPlace } from '../../core/schemas/index.ts';
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
import { STEP_VALUES_FILE } from '../../store/lines/step-values.ts';
import { workThrough } from '../calls/with-cached-client.ts';
import type { RunContext } from '../run-context.ts';
import { CallCounts } from '../state.ts';
import {
  type Asking,
  type Continuing,
  continuedRound,
  isGradable,
  promptsOf,
  refuseUnknownChains,
  withContinuing,
} from './continuing.ts';
import {
  countedAt,
  freeIndexes,
  gradeMatch,
  matchSamples,
  PaidSamples,
  type PlacedOutcome,
  passedPlaces,
  takenIndexes,
  tallyAt,
} from './known-outcomes.ts';
import { type LabelledChain, readLabelledChains, stepAccuracy } from './labelled-chains.ts';
import { continuingModel, continuingSampling } from './plan-continue.ts';

/** Estimated tokens of a character of text. */
const TOKENS_OF_CHARACTER = 0.25;
const CHAINS_AT_ONCE = 8;

/** A chain whose steps are measured. */
interface Target {
  asking: Asking;
  steps: readonly StepPlace[];
  /** Continuations that are not paid yet, at most, and paid samples of its problem that begin as it does. */
  requests: number;
  reused: number;
  /** The first wrong step as people labelled it, from 1; 0 where none is wrong. Of a chain of a file. */
  label?: number;
}

/**
 * Estimates where chains lose their chance to end right; see StepSearch. What is paid already is used first: samples of the problem by this model, and
 * all continuations and responses that begin with the same steps. Each chain is written as soon as it is known, and a killed run is resumed by running it again.
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
  const { targets, paid, skipped } = await targetsOf(dataset, args, { model, response }, context.signal);
  const plan = planOf(dataset, targets, { model, maxTokens: response.maxTokens });
  if (args.plan) return { plan, values: [], failed: [], calls: 0 };
  const round = await continuedRound(dataset, model);
  const counts = new CallCounts();
  const result: StepValuesResult = { plan, values: [], failed: [], calls: 0 };
  const report = (): void =>
    context.progress({
      done: result.values.length + result.failed.length,
      total: targets.length,
      unit: 'chains',
      message: counts.waitingFor ?? plural(counts.calls, 'call'),
    });
  await withContinuing(dataset, { round, concurrency: args.concurrency, counts }, context, async (continuing) => {
    const limits = { concurrency: CHAINS_AT_ONCE, signal: context.signal };
    await workThrough(targets, continuing.cached, limits, async (target) => {
      const { chain } = target.asking;
      const measured = await valuesOf(dataset, target, { args, paid, report, signal: context.signal }, continuing);
      if ('refused' in measured) result.failed.push({ chainId: chain.id, reason: measured.refused });
      else {
        await appendLines(join(dataset.roundFolder(round.round), STEP_VALUES_FILE), [measured], { sync: true });
        result.values.push(measured);
      }
      report();
    });
    continuing.cached.throwIfAllRefused();
  });
  const labels = new Map(targets.map(({ asking, label }) => [asking.chain.id, label]));
  return {
    ...{ ...result, calls: counts.calls },
    ...(args.labelled !== undefined && { accuracy: stepAccuracy(result.values, labels, skipped) }),
  };
}

/** The chosen chains, or those of a file of labelled ones, with what is paid for them. */
async function targetsOf(
  dataset: Dataset,
  args: StepValuesArgs,
  { model, response }: Pick<Asking, 'model' | 'response'>,
  signal: AbortSignal,
): Promise<{ targets: Target[]; paid: PaidSamples; skipped: number }> {
  const { found, skipped } = await chosenChains(dataset, args, signal);
  const problems = new Set(found.map(({ chain }) => chain.problemId));
  const paid = await PaidSamples.open(dataset, model, problems);
  const { scan, batch, budget } = args;
  const targets: Target[] = [];
  for (const { chain, problem, steps, label } of found) {
    signal.throwIfAborted();
    const asking = { chain, problem, model, response, prompts: await promptsOf(dataset, chain) };
    const cuts = cutsOf(asking, steps);
    const matches = matchSamples(dataset, asking, cuts, await paid.of(problem.id));
    const at = (kept: number): number => matches.filter(({ places }) => places.includes(kept)).length;
    const requests = scan
      ? cuts.reduce((sum, _, kept) => sum + Math.max(0, batch - at(kept)), 0)
      : Math.max(0, budget - matches.filter(({ isOwn }) => isOwn).length);
    targets.push({ asking, steps, requests, reused: matches.length, ...defined({ label }) });
  }
  return { targets, paid, skipped };
}

/** What is kept of a chain, by number of kept steps. */
const cutsOf = ({ chain }: Pick<Asking, 'chain'>, steps: readonly StepPlace[]): Cut[] =>
  [0, ...steps.slice(0, -1).map(({ end }) => end)].map((at) => cutChain(chain, at, chain));

type Found = Pick<LabelledChain, 'chain' | 'problem' | 'steps'> & { label?: number };

async function chosenChains(
  dataset: Dataset,
  args: StepValuesArgs,
  signal: AbortSignal,
): Promise<{ found: Found[]; skipped: number }> {
  if (args.labelled !== undefined) {
    if (args.where !== undefined || args.chains !== undefined)
      throw new UserError('continue', '--labelled names all chains.', 'Use it without --where and --chains.');
    const { chains, skipped } = await readLabelledChains(args.labelled, args.limit);
    if (chains.length > 0) return { found: chains, skipped };
    const advice = 'A row has problem, answer, steps and label, as in ProcessBench, or is a row of PRM800K.';
    throw new UserError('continue', 'The file has no labelled chain with an answer.', advice);
  }
  refuseUnknownChains(dataset, args.chains);
  const named = args.chains && new Set(args.chains);
  const ids: string[] = [];
  for (const { id } of await dataset.find(parseQuery(args.where ?? ''), { signal })) {
    if (ids.length === args.limit) break;
    if (named?.has(id) !== false) ids.push(id);
  }
  if (ids.length === 0) throw new UserError('continue', 'No chain matches.', 'Check --chains and --where.');
  const found = ids.map(async (id) => {
    const chain = await dataset.chain(id);
    const steps = splitSteps(chain.text, chain.segments);
    return { chain, problem: await dataset.problem(chain.problemId), steps };
  });
  return { found: await Promise.all(found), skipped: 0 };
}

/** At most: half of each chain is written again by every continuation that is not paid yet. */
function planOf(
  { settings }: Dataset,
  targets: readonly Target[],
  { model, maxTokens }: { model: StepValuesPlan['model']; maxTokens: number },
): StepValuesPlan {
  const plan = { chains: targets.length, steps: 0, requests: 0, reused: 0 };
  const use = { promptTokens: 0, completionTokens: 0 };
  for (const { asking, steps, requests, reused } of targets) {
    const { text, tokens } = asking.chain;
    plan.steps += steps.length;
    plan.requests += requests;
    plan.reused += reused;
    use.promptTokens += Math.ceil((requests * text.length * TOKENS_OF_CHARACTER) / 2);
    use.completionTokens += Math.ceil(requests * Math.min(maxTokens, tokens.count / 2));
  }
  return {
    ...{ model, ...plan },
    ...estimated(use, pricesOf(settings, model), undefined),
    completionTokensMax: plan.requests * maxTokens,
  };
}

interface Measuring {
  args: StepValuesArgs;
  paid: PaidSamples;
  report: () => void;
  signal: AbortSignal;
}

async function valuesOf(
  dataset: Dataset,
  { asking, steps, label }: Target,
  { args, paid, report, signal }: Measuring,
  continuing: Continuing,
): Promise<StepValues | { refused: string }> {
  const { chain, problem } = asking;
  const { pool } = continuing;
  if (!(await isGradable(dataset, problem, pool, signal)))
    return { refused: 'The gold answer can’t be read, so that no continuation can be graded.' };
  const policy = policyOfPiece(resolvePolicy(dataset.settings.grading), 'response');
  const verdict = label === undefined ? chain.verdict : await pool.grade(problem.answer, chain.text, policy, signal);
  const cuts = cutsOf(asking, steps);
  const matches = matchSamples(dataset, asking, cuts, await paid.of(problem.id));
  const search = new StepSearch(
    steps.length,
    [tallyAt(steps.length, { isRight: endedRight(verdict.outcome, 'answered') })],
    args,
  );
  for (const match of matches) {
    const outcome = await gradeMatch(dataset, asking, match, cuts, { pool, signal });
    addOutcome(search, outcome, countedAt(match), match.isOwn);
  }
  let asked = matches.filter(({ isOwn }) => isOwn).length;
  const taken = takenIndexes(matches);
  for (const { kept, samples } of placesToMeasure(search, cuts.length, args)) {
    const cut = cuts[kept];
    if (cut === undefined) break;
    const indexes = freeIndexes(taken.get(kept) ?? new Set(), samples);
    taken.set(kept, new Set([...(taken.get(kept) ?? []), ...indexes]));
    asked += samples;
    const made = await Promise.all(indexes.map((index) => continuing.ask(asking, cut, index)));
    for (const one of made) {
      if ('refused' in one) return { refused: one.refused.message };
      const { verdict: of, ended } = one.continuation;
      const places = [kept, ...passedPlaces(cuts, cut.prefix, one.reply)];
      addOutcome(search, { places, isRight: endedRight(of.outcome, ended) }, kept, true);
    }
    report();
  }
  return lineOf(asking, steps, search, asked);
}

/** Adds an outcome where it counts, and lists it at its other places. @param isAsked it counts towards the budget */
function addOutcome(search: StepSearch, outcome: PlacedOutcome, counted: number, isAsked: boolean): void {
  const tally = tallyAt(counted, outcome);
  if (isAsked) search.add(tally);
  else search.addKnown(tally);
  if (isAsked && outcome.isRight === undefined) search.skip(1);
  for (const kept of outcome.places) if (kept !== counted) search.addPassing(tallyAt(kept, outcome));
}

/** The places of a search as it asks for them, or every place up to `batch` outcomes. */
function* placesToMeasure(
  search: StepSearch,
  places: number,
  { scan, batch }: StepValuesArgs,
): Generator<{ kept: number; samples: number }> {
  if (!scan) {
    for (let next = search.next(); next !== undefined; next = search.next()) yield next;
    return;
  }
  for (let kept = 0; kept < places; kept++) {
    const samples = batch - search.outcomes(kept);
    if (samples > 0) yield { kept, samples };
  }
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

function firstWrong({ step, collapses, within }: StepPosterior, steps: readonly StepPlace[]): StepValues['firstWrong'] {
  if (step === undefined || !collapses) return undefined;
  const place = steps[step - 1];
  return place && { step, start: place.start, end: place.end, within };
}
