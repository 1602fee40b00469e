import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { cutsAfterSteps } from '../../core/continuation/cut.ts';
import { UserError } from '../../core/errors.ts';
import { falseEqualities } from '../../core/filters/equations.ts';
import { hasReadableGold } from '../../core/grading/index.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { foldActs } from '../../core/review/index.ts';
import { splitSteps } from '../../core/review/steps.ts';
import {
  type Chain,
  type KnownWrongStep,
  type ModelRef,
  type RepairEnd,
  RepairLine,
  type RepairPlan,
  RepairSettings,
  type RoundPlan,
  type Segment,
} from '../../core/schemas/index.ts';
import type { RepairArgs, RepairReport } from '../../protocol/repair.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines/files.ts';
import { slug } from '../../store/names.ts';
import { ContinuationEstimate } from '../continuation/continuation-estimate.ts';
import { promptsOf, refuseNamedChains } from '../continuation/continuing.ts';
import { continuingModel, continuingSampling } from '../continuation/plan-continue.ts';
import { promptsHash } from '../plan-round.ts';
import { responsePrompts } from '../sampling/response-call.ts';
import { roundsOf } from '../sampling/tallies.ts';

/** What became of each chain, in the folder of the round. */
export const REPAIRS_FILE = 'repairs.jsonl';

/** A chain as it is repaired: with the text and the label of the reviewer who found a wrong step first in it, else as it is stored. */
export interface Repairable {
  text: string;
  segments: readonly Segment[];
  wrong?: KnownWrongStep;
}

/** Everything that a repair needs. */
export type RepairRoundPlan = Omit<RoundPlan, Needed> & { [Key in Needed]: NonNullable<RoundPlan[Key]> };
type Needed = 'model' | 'repair' | 'filters' | 'grading' | 'prompts';

/** @throws UserError `round` for a plan of another kind */
export function repairRoundPlan(plan: RoundPlan): RepairRoundPlan {
  const { model, repair, filters, grading, prompts } = plan;
  if (plan.kind !== 'repair' || !model || !repair || !filters || !grading || !prompts) {
    throw new UserError('round', `The plan of round ${plan.round} is not complete.`, 'Plan another round.');
  }
  return { ...plan, model, repair, filters, grading, prompts };
}

/** The text and the first wrong step of a chain, by the reviewer whose label is earliest. Without a label, a wrong chain has its first equality that does not hold. */
export async function repairableOf(dataset: Dataset, chain: Chain): Promise<Repairable> {
  const acts = await dataset.reviewActs(chain.id);
  let found: Repairable | undefined;
  for (const reviewer of new Set(acts.map((act) => act.reviewer))) {
    const state = foldActs(
      chain,
      acts.filter((act) => act.reviewer === reviewer),
    );
    const { text, segments, firstWrongStep: step } = state;
    if (step && step.start < (found?.wrong?.start ?? Number.POSITIVE_INFINITY))
      found = { text, segments, wrong: { ...step, reviewer } };
  }
  return found ?? withoutLabel(chain);
}

function withoutLabel({ text, segments, verdict }: Chain): Repairable {
  const [place] = verdict.outcome === 'correct' ? [] : falseEqualities(text);
  if (place === undefined) return { text, segments };
  const { start, end } = place;
  return { text, segments, wrong: { start, end, equation: text.slice(start, end) } };
}

/**
 * Plans a round that repairs wrong chains, before its first call. Nothing is written or sent.
 * @throws UserError `continue` without a model; UserError `round` when there is no chain to repair; QueryError
 */
export async function planRepair(
  dataset: Dataset,
  args: RepairArgs,
  signal: AbortSignal,
): Promise<{ plan: RepairRoundPlan; report: RepairReport }> {
  const { settings } = dataset;
  const model = continuingModel(settings, args.role);
  const response = continuingSampling(settings, args.response);
  const repair = { settings: RepairSettings.parse(args), response };
  const estimate = new ContinuationEstimate(settings, model, response);
  const add = async (chain: Chain, now: Repairable): Promise<void> => {
    const problem = await dataset.problem(chain.problemId);
    const asking = { chain, problem, model, response, prompts: await promptsOf(dataset, chain) };
    const cuts = cutsAfterSteps(now, splitSteps(now.text, now.segments), chain);
    estimate.add(asking, cuts, now.text.length, repair.settings.budget);
  };
  const tried = await triedBefore(dataset, model, repair);
  const { found, skipped } = await chosenChains(dataset, args, { tried, add, signal });
  const prompts = await responsePrompts(dataset);
  const plan: RepairRoundPlan = {
    version: 1,
    round: `${dataset.nextRoundNumber()}-${slug(args.name ?? 'repair', 'round')}`,
    kind: 'repair',
    createdAt: new Date().toISOString(),
    problemIds: [...new Set(found.map(({ problemId }) => problemId))],
    model,
    prompts,
    promptsHash: promptsHash(prompts),
    filters: settings.filters,
    grading: resolvePolicy(settings.grading),
    repair: {
      ...repair,
      role: args.role ?? (settings.fineTuned ? 'fine-tuned' : 'base'),
      concurrency: args.concurrency ?? settings.sampling.concurrency,
      chains: found.map(({ chainId, text, wrong }) => ({ chainId, text, ...(wrong && { wrong }) })),
    },
  };
  const report = {
    ...{ round: plan.round, model, chains: found.length, skipped },
    labelled: found.filter(({ wrong }) => wrong && 'reviewer' in wrong).length,
    computed: found.filter(({ wrong }) => wrong && 'equation' in wrong).length,
    ...estimate.total(repair.settings.tokens),
  };
  return { plan, report };
}

/** A chain of the plan. Its text is not kept: all texts of a query may not fit into memory. */
type Found = RepairPlan['chains'][number] & Pick<Chain, 'problemId'>;

interface Choosing {
  /** See keyOf. */
  tried: ReadonlySet<string>;
  /** Called with each chosen chain. */
  add: (chain: Chain, now: Repairable) => Promise<void>;
  signal: AbortSignal;
}

async function chosenChains(
  dataset: Dataset,
  { where, chains: named, limit, reviewer: as }: RepairArgs,
  { tried, add, signal }: Choosing,
): Promise<{ found: Found[]; skipped: RepairReport['skipped'] }> {
  refuseNamedChains(dataset, { chains: named, limit });
  const only = named && new Set(named);
  const found: Found[] = [];
  const policy = policyOfPiece(resolvePolicy(dataset.settings.grading), 'response');
  const skipped = { turns: 0, right: 0, tried: 0, unreadable: 0 };
  for (const { id, origin } of await dataset.find(parseQuery(where), { as, signal })) {
    if (found.length === limit) break;
    if (only?.has(id) === false) continue;
    signal.throwIfAborted();
    // Known without reading it.
    if (origin === 'dialogue') {
      skipped.turns++;
      continue;
    }
    const chain = await dataset.chain(id);
    const now = await repairableOf(dataset, chain);
    const { text, wrong } = now;
    const item = { chainId: id, text: textHash(text), ...(wrong && { wrong }) };
    if (chain.segments.some(({ piece }) => /^(?:answer|check)\[/.test(piece))) skipped.turns++;
    else if (!wrong && chain.verdict.outcome === 'correct') skipped.right++;
    else if (tried.has(keyOf(item))) skipped.tried++;
    else if (!hasReadableGold((await dataset.problem(chain.problemId)).answer, policy)) skipped.unreadable++;
    else {
      await add(chain, now);
      found.push({ ...item, problemId: chain.problemId });
    }
  }
  if (found.length > 0) return { found, skipped };
  const { turns, right, tried: again, unreadable } = skipped;
  throw new UserError(
    'round',
    'No chain of the query can be repaired.',
    turns + right + again + unreadable === 0
      ? 'Check --where and --chains.'
      : `${turns} with turns of their own, ${right} right without a labelled wrong step, ${again} tried by an earlier round, ${unreadable} with a gold answer that can’t be read.`,
  );
}

/** What is repaired of a chain: the same text at the same place gives the same calls. */
const keyOf = ({ chainId, text, wrong }: RepairPlan['chains'][number]): string =>
  JSON.stringify([chainId, text, wrong?.start, wrong?.end]);

type Tries = Pick<RepairPlan, 'settings' | 'response'>;

/**
 * Whether an earlier round that ended so is a reason not to repair the chain now: a later one would only repeat it.
 * With another certainty, a search may name another wrong part. It also follows where a false equality did not help. A chain that was not repaired may be with more continuations, or with others.
 */
function isTried(end: RepairEnd, isLabelled: boolean, before: Tries, now: Tries): boolean {
  if (end === 'budget' || end === 'changed' || end === 'refused' || end === 'ungraded') return false;
  if (!isLabelled && before.settings.certainty !== now.settings.certainty) return false;
  const isMore = now.settings.budget > before.settings.budget || !isDeepStrictEqual(before.response, now.response);
  return end === 'repaired' || end === 'repeated' || !isMore;
}

async function triedBefore(dataset: Dataset, model: ModelRef, now: Tries): Promise<Set<string>> {
  const tried = new Set<string>();
  const statuses = await dataset.roundStatuses();
  const running = new Set(statuses.filter(({ state }) => state === 'running').map(({ round }) => round));
  for (const { round, repair } of await roundsOf(dataset, model)) {
    if (repair === undefined) continue;
    const ends = new Map<string, RepairEnd>();
    for await (const { chainId, end } of linesOf(join(dataset.roundFolder(round), REPAIRS_FILE), RepairLine))
      ends.set(chainId, end);
    for (const item of repair.chains) {
      const end = ends.get(item.chainId);
      if (
        end === undefined
          ? running.has(round)
          : isTried(end, item.wrong !== undefined && 'reviewer' in item.wrong, repair, now)
      )
        tried.add(keyOf(item));
    }
  }
  return tried;
}
