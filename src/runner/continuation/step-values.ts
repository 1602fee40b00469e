import { join } from 'node:path';
import { type Cut, cutsAfterSteps } from '../../core/continuation/cut.ts';
import { type StepPosterior, StepSearch, type StepTally } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { foldActs } from '../../core/review/index.ts';
import { splitSteps } from '../../core/review/steps.ts';
import { passRate } from '../../core/sampling/index.ts';
import { type Chain, endedRight, hostOf, type StepPlace } from '../../core/schemas/index.ts';
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
import type { SourceFile } from '../../store/source/index.ts';
import { workThrough } from '../calls/with-cached-client.ts';
import type { RunContext } from '../run-context.ts';
import { CallCounts } from '../state.ts';
import { ContinuationEstimate } from './continuation-estimate.ts';
import {
  type Asking,
  type Continuing,
  continuedRound,
  isGradable,
  promptsOf,
  refuseNamedChains,
  withContinuing,
} from './continuing.ts';
import {
  countedAt,
  freeIndexes,
  gradeMatch,
  type Match,
  matchSamples,
  PaidSamples,
  type PlacedOutcome,
  passedPlaces,
  takenIndexes,
  tallyAt,
} from './known-outcomes.ts';
import { type LabelledChain, readLabelledChains, stepAccuracy } from './labelled-chains.ts';
import { continuingModel, continuingSampling } from './plan-continue.ts';

const CHAINS_AT_ONCE = 8;

/** A chain whose steps are measured. Chains of the dataset are read one by one, when it is their turn: all texts of a query may not fit into memory. */
interface Target {
  id: string;
  problemId: string;
  read: () => Promise<Pick<LabelledChain, 'chain' | 'problem'> & Pick<Measured, 'now' | 'steps'>>;
  /** The first wrong step as people labelled it, from 1; 0 where none is wrong. Of a chain of a file. */
  label?: number;
}

/** A target that has been read. */
interface Measured {
  asking: Asking;
  /** The chain's own text, or that of the reviewer. */
  now: Pick<Chain, 'text' | 'segments'>;
  steps: readonly StepPlace[];
  label?: number;
}

/**
 * Estimates where chains lose their chance to end right; see StepSearch. What is paid already is used first: samples of the problem by this model, and
 * all continuations and responses that begin with the same steps. Each chain is written as soon as it is known, and a killed run is resumed by running it again.
 * @param labelled chains that people labelled, in place of chains of the dataset
 * @throws UserError `continue` without a model or a chain; ModelError when the endpoint can't continue a text, or can't be used
 */
export async function estimateStepValues(
  dataset: Dataset,
  args: StepValuesArgs,
  context: RunContext,
  labelled?: SourceFile,
): Promise<StepValuesResult> {
  const { settings } = dataset;
  const model = continuingModel(settings, args.role);
  const response = continuingSampling(settings, args.response);
  const { targets, skipped } = await targetsOf(dataset, args, labelled, context.signal);
  const paid = await PaidSamples.open(dataset, model, new Set(targets.map(({ problemId }) => problemId)));
  const opened = async ({ read, label }: Target): Promise<Measured> => {
    const { chain, problem, now, steps } = await read();
    const asking = { chain, problem, model, response, prompts: await promptsOf(dataset, chain) };
    return { asking, now, steps, ...defined({ label }) };
  };
  const plan = await planOf(dataset, targets, opened, { args, paid, model, response, signal: context.signal });
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
      const measuring = { args, paid, report, signal: context.signal };
      const measured = await valuesOf(dataset, await opened(target), measuring, continuing);
      if ('refused' in measured) result.failed.push({ chainId: target.id, reason: measured.refused });
      else {
        await appendLines(join(dataset.roundFolder(round.round), STEP_VALUES_FILE), [measured], { sync: true });
        result.values.push(measured);
      }
      report();
    });
    continuing.cached.throwIfAllRefused();
  });
  const labels = new Map(targets.map(({ id, label }) => [id, label]));
  return {
    ...{ ...result, calls: counts.calls },
    ...(labelled !== undefined && { accuracy: stepAccuracy(result.values, labels, skipped) }),
  };
}

/** The chosen chains, or those of a file of labelled ones. */
async function targetsOf(
  dataset: Dataset,
  args: StepValuesArgs,
  labelled: SourceFile | undefined,
  signal: AbortSignal,
): Promise<{ targets: Target[]; skipped: number }> {
  if (labelled !== undefined) {
    if (args.where !== undefined || args.chains !== undefined)
      throw new UserError('continue', '--labelled names all chains.', 'Use it without --where and --chains.');
    const { chains, skipped } = await readLabelledChains(labelled, args.limit, signal);
    const targets = chains.map((one) => {
      const { chain, label } = one;
      return { id: chain.id, problemId: chain.problemId, label, read: async () => ({ ...one, now: chain }) };
    });
    if (targets.length > 0) return { targets, skipped };
    const advice = 'A row has problem, answer, steps and label, as in ProcessBench, or is a row of PRM800K.';
    throw new UserError('continue', 'The file has no labelled chain with an answer.', advice);
  }
  refuseNamedChains(dataset, args);
  const named = args.chains && new Set(args.chains);
  const targets: Target[] = [];
  for (const { id, problemId } of await dataset.find(parseQuery(args.where ?? ''), { as: args.reviewer, signal })) {
    if (targets.length === args.limit) break;
    if (named?.has(id) !== false) targets.push({ id, problemId, read: () => chainOf(dataset, id, args.reviewer) });
  }
  if (targets.length === 0) throw new UserError('continue', 'No chain matches.', 'Check --chains and --where.');
  return { targets, skipped: 0 };
}

async function chainOf(dataset: Dataset, id: string, reviewer: string | undefined): ReturnType<Target['read']> {
  const chain = await dataset.chain(id);
  const now = reviewer === undefined ? chain : foldActs(chain, await dataset.reviewActs(id, reviewer));
  return { chain, problem: await dataset.problem(chain.problemId), now, steps: splitSteps(now.text, now.segments) };
}

/** What is kept of a chain, by number of kept steps. */
const cutsOf = ({ asking, now, steps }: Measured): Cut[] => cutsAfterSteps(now, steps, asking.chain);

/** The continuations at most that are not paid yet. A search decides later where they begin. */
async function planOf(
  dataset: Dataset,
  targets: readonly Target[],
  opened: (target: Target) => Promise<Measured>,
  { args, paid, model, response, signal }: Omit<Measuring, 'report'> & Pick<Asking, 'model' | 'response'>,
): Promise<StepValuesPlan> {
  const plan = { chains: targets.length, steps: 0, reused: 0 };
  const estimate = new ContinuationEstimate(dataset.settings, model, response);
  for (const target of targets) {
    signal.throwIfAborted();
    const measured = await opened(target);
    const { asking, now, steps } = measured;
    const { length } = now.text;
    const cuts = cutsOf(measured);
    const matches = matchSamples(dataset, asking, cuts, await paid.of(target.problemId));
    plan.steps += steps.length;
    plan.reused += matches.length;
    const left = (most: number, counts: (match: Match) => boolean): number =>
      Math.max(0, most - matches.filter(counts).length);
    if (args.scan) {
      for (const [kept, cut] of cuts.entries()) {
        const requests = left(args.batch, ({ places }) => places.includes(kept));
        estimate.add(asking, [cut], length, requests);
      }
    } else {
      const requests = left(args.budget, ({ isOwn }) => isOwn);
      estimate.add(asking, cuts, length, requests);
    }
  }
  return { model, ...plan, ...estimate.total() };
}

interface Measuring {
  args: StepValuesArgs;
  paid: PaidSamples;
  report: () => void;
  signal: AbortSignal;
}

async function valuesOf(
  dataset: Dataset,
  measured: Measured,
  { args, paid, report, signal }: Measuring,
  continuing: Continuing,
): Promise<StepValues | { refused: string }> {
  const { asking, now, steps, label } = measured;
  const { chain, problem } = asking;
  const { pool } = continuing;
  if (!(await isGradable(dataset, problem, pool, signal)))
    return { refused: 'The gold answer can’t be read, so that no continuation can be graded.' };
  const policy = policyOfPiece(resolvePolicy(dataset.settings.grading), 'response');
  const isGraded = label === undefined && now.text === chain.text;
  const verdict = isGraded ? chain.verdict : await pool.grade(problem.answer, now.text, policy, signal);
  const cuts = cutsOf(measured);
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
  return lineOf(measured, search, asked);
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
  { asking: { chain, model }, now, steps }: Measured,
  { tallies, posterior }: StepSearch,
  samples: number,
): StepValues {
  return {
    ...{ chainId: chain.id, text: textHash(now.text), at: new Date().toISOString() },
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
