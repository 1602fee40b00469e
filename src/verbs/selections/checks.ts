import type { ContaminationHit } from '../../core/evaluation/index.ts';
import {
  ARM_NAMES,
  FEWEST_SEEDS,
  type HeldOutSet,
  type SelectionCheck,
  type SelectionsPlan,
} from '../../core/selections/index.ts';
import { formatCount, formatPercent, plural } from '../../core/text/format.ts';
import { trainerOf } from '../../trainers/index.ts';
import { type ArmPool, randomPool, type SeedDraw } from './pools.ts';

/** With fewer rows, a training hardly changes a model. */
const FEW_ROWS = 50;
/** From this share on, two arms are trained on almost the same. */
const SAME_ROWS = 0.9;
/** Difference in length, as a share, between arms, or between drawn rows and their selection. */
const OTHER_LENGTH = 0.1;

interface Facts {
  pools: readonly ArmPool[];
  draws: readonly SeedDraw[];
  seeds: readonly number[];
  rows: number;
  overlap: SelectionsPlan['overlap'];
  hits: readonly ContaminationHit[];
  /** Ids of held-out problems whose gold answer can't be read, of each set. */
  unreadable: readonly (readonly string[])[];
  sets: readonly HeldOutSet[];
  tolerance: number;
  keepAll: SelectionsPlan['keepAll'];
  sameProblems: boolean;
  trainer: string;
}

/** Chains and rows that both selections have. */
export function overlapOf(pools: readonly ArmPool[], draws: readonly SeedDraw[]): SelectionsPlan['overlap'] {
  const [a, b] = (['a', 'b'] as const).map((arm) => pools.find((pool) => pool.arm === arm)?.chains ?? []);
  const shared = (one: readonly { id: string }[] = [], other: readonly { id: string }[] = []): number => {
    const ids = new Set(one.map(({ id }) => id));
    return other.filter(({ id }) => ids.has(id)).length;
  };
  const rows = draws.map((draw) => shared(draw.rows.get('a'), draw.rows.get('b')));
  return { chains: shared(a, b), rows: rows.reduce((sum, one) => sum + one, 0) / Math.max(1, rows.length) };
}

/** What a person must know before the first training. */
export function checksOf(facts: Facts): SelectionCheck[] {
  return [
    rowsCheck(facts),
    tokensCheck(facts),
    ...trainedCheck(facts),
    ...lengthChecks(facts),
    ...otherProblemsCheck(facts),
    ...overlapCheck(facts),
    ...controlCheck(facts),
    contaminationCheck(facts),
    ...goldChecks(facts),
    ...seedsCheck(facts),
    ...facts.sets.flatMap((set) => powerCheck(set, facts.sets.length > 1)),
    ...trainerCheck(facts),
  ];
}

function rowsCheck({ rows }: Facts): SelectionCheck {
  const message = `${plural(rows, 'row')} in each arm.`;
  if (rows >= FEW_ROWS) return { id: 'rows', state: 'ok', message };
  return { id: 'rows', state: 'warning', message: `Only ${message} So few rows hardly change a model.` };
}

function tokensCheck({ draws, tolerance }: Facts): SelectionCheck {
  const worst = Math.max(...draws.map(differenceOf));
  const by = formatPercent(worst);
  if (draws.every(({ isMatched }) => isMatched)) {
    const message = `The tokens of the arms differ by ${by} at most`;
    if (worst <= OTHER_LENGTH) return { id: 'tokens', state: 'ok', message: `${message}.` };
    return { id: 'tokens', state: 'warning', message: `${message}: a difference may come from their length.` };
  }
  return {
    id: 'tokens',
    state: 'warning',
    message: `The tokens of the arms differ by ${by}, more than ${formatPercent(tolerance)}: a difference may come from their length.`,
    advice: 'Limit the tokens in the queries, or choose fewer rows.',
  };
}

/** Where arms are trained on different shares of their text, although the mask is not what is compared. */
function trainedCheck({ pools, draws }: Facts): SelectionCheck[] {
  if (new Set(pools.map(({ unmasked }) => unmasked)).size > 1) return [];
  const shares = pools.map(({ arm, unmasked }) => {
    const rows = draws.flatMap((draw) => draw.rows.get(arm) ?? []);
    const size = rows.reduce((sum, row) => sum + row.size, 0);
    const trained = rows.reduce((sum, row) => sum + (unmasked ? row.size : row.trained), 0);
    return { arm, share: size === 0 ? 0 : trained / size };
  });
  const all = shares.map(({ share }) => share);
  const most = Math.max(...all);
  if (most - Math.min(...all) <= OTHER_LENGTH * most) return [];
  const each = shares.map(({ arm, share }) => `${formatPercent(share, 0)} of ${ARM_NAMES[arm]}`);
  const message = `The mask leaves different shares of the text to train: ${each.join(', ')}. A difference may come from the number of trained tokens.`;
  return [{ id: 'tokens', state: 'warning', message }];
}

function differenceOf({ rows }: SeedDraw): number {
  const tokens = [...rows.values()].map((of) => of.reduce((sum, chain) => sum + chain.tokens, 0));
  const most = Math.max(...tokens);
  return most === 0 ? 0 : (most - Math.min(...tokens)) / most;
}

/** Where the rows of an arm have another length than their selection. */
function lengthChecks({ pools, draws, ...how }: Facts): SelectionCheck[] {
  const why = whyOfLength(how);
  if (why === undefined) return [];
  const mean = (of: readonly { tokens: number }[]): number =>
    of.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, of.length);
  return pools.flatMap(({ arm, chains }): SelectionCheck[] => {
    const [all, drawn] = [mean(chains), mean(draws.flatMap(({ rows }) => rows.get(arm) ?? []))];
    if (Math.abs(drawn - all) <= OTHER_LENGTH * all) return [];
    const message = `The rows of ${ARM_NAMES[arm]} have ${plural(drawn, 'token')} on average, its chains ${formatCount(all)}: ${why}.`;
    return [{ id: 'lengths', state: 'warning', message }];
  });
}

/** Undefined where only chance decides. */
function whyOfLength({
  keepAll,
  sameProblems,
  tolerance,
}: Pick<Facts, 'keepAll' | 'sameProblems' | 'tolerance'>): string | undefined {
  const reasons = [
    ...(keepAll === undefined ? [] : [`are about the problems of ${ARM_NAMES[keepAll]}`]),
    ...(sameProblems ? ['are about problems that all arms have'] : []),
    ...(tolerance < 1 ? ['were chosen so that the arms have equal tokens'] : []),
  ];
  return reasons.length === 0 ? undefined : `they ${reasons.join(' and ')}`;
}

/** Where an arm has too few chains about the problems of the one that is kept whole. */
function otherProblemsCheck({ draws, keepAll }: Facts): SelectionCheck[] {
  if (keepAll === undefined) return [];
  const others = draws.flatMap(({ rows }) => {
    const own = new Set(rows.get(keepAll)?.map(({ problem }) => problem));
    return [...rows.values()].map((of) => of.filter(({ problem }) => !own.has(problem)).length);
  });
  const most = Math.max(...others);
  if (most === 0) return [];
  const message = `${ARM_NAMES[keepAll]} does not have all problems of the other arms: up to ${plural(most, 'row')} in an arm.`;
  return [{ id: 'rows', state: 'warning', message }];
}

function overlapCheck({ pools, draws, overlap, rows }: Facts): SelectionCheck[] {
  const same = pools.flatMap((one, i) =>
    pools.slice(i + 1).flatMap((other) => (areSame(one, other, draws) ? [[one.arm, other.arm] as const] : [])),
  );
  const [pair] = same;
  if (pair !== undefined) {
    const [one, other] = pair.map((arm) => (arm === 'control' ? 'the control' : ARM_NAMES[arm]));
    const message = `${one} and ${other} have the same rows with every seed, so the comparison can’t find a difference.`;
    const advice =
      'Choose selections that differ, choose fewer rows with --rows, or compare the loss mask with --unmasked.';
    return [{ id: 'overlap', state: 'error', message, advice }];
  }
  const [a, b] = (['a', 'b'] as const).map((name) => pools.find(({ arm }) => arm === name));
  if (b === undefined) return [];
  const isMaskCompared = a?.unmasked !== b.unmasked;
  const message = `A and B share ${formatCount(overlap.rows)} of ${plural(rows, 'row')}.`;
  if (overlap.rows < SAME_ROWS * rows || isMaskCompared) return [{ id: 'overlap', state: 'ok', message }];
  const advice = 'Choose fewer rows, or selections that differ more.';
  return [{ id: 'overlap', state: 'warning', message: `${message} Such arms can hardly differ.`, advice }];
}

/** Whether two arms are trained on the same text in each seed. */
function areSame(one: ArmPool, other: ArmPool, draws: readonly SeedDraw[]): boolean {
  if (one.unmasked !== other.unmasked) return false;
  return draws.every(({ rows }) => {
    const ids = new Set(rows.get(one.arm)?.map(({ id }) => id));
    const others = rows.get(other.arm) ?? [];
    return ids.size === others.length && others.every(({ id }) => ids.has(id));
  });
}

/** Where a selection includes the other one, and so takes the place of a control. */
function controlCheck({ pools }: Facts): SelectionCheck[] {
  const all = pools.some(({ arm }) => arm === 'control') ? undefined : randomPool(pools);
  if (all === undefined) return [];
  const smaller = pools.filter(({ chains }) => chains.length < all.chains.length);
  // The same chains, with and without the loss mask, have no control.
  if (smaller.length === 0) return [];
  const others = smaller.map(({ arm }) => ARM_NAMES[arm]);
  const message = `${ARM_NAMES[all.arm]} has all chains of ${others.join(' and ')}: its random rows are the control.`;
  return [{ id: 'control', state: 'ok', message }];
}

function contaminationCheck({ hits }: Facts): SelectionCheck {
  if (hits.length === 0)
    return { id: 'contamination', state: 'ok', message: 'No held-out problem is among the problems of the chains.' };
  const [first] = hits;
  return {
    id: 'contamination',
    state: 'error',
    message: `${plural(hits.length, 'held-out problem is', 'held-out problems are')} among the problems of the chains, such as ${first?.problemId}.`,
    advice: 'Remove them from the file of held-out problems.',
  };
}

/** Where right answers would be found by their text alone, and wrong ones not at all. */
function goldChecks({ unreadable, sets }: Facts): SelectionCheck[] {
  return unreadable.flatMap((ids, i): SelectionCheck[] => {
    const [first] = ids;
    if (first === undefined) return [];
    const count = plural(ids.length, 'held-out problem has', 'held-out problems have');
    const message = `${count} a gold answer that can’t be read, such as ${first}: most answers to it can’t be graded.`;
    // Without a graded answer, an evaluation has no result.
    const state = ids.length === sets[i]?.problems ? 'error' : 'warning';
    return [{ id: 'gold', state, message, advice: 'Correct these gold answers, or remove their rows.' }];
  });
}

function seedsCheck({ seeds }: Facts): SelectionCheck[] {
  if (seeds.length >= FEWEST_SEEDS) return [];
  const message = `${plural(seeds.length, 'seed')}: how much trainings differ by chance stays unknown.`;
  return [{ id: 'seeds', state: 'warning', message, advice: `Use ${FEWEST_SEEDS} seeds or more.` }];
}

function powerCheck({ name, power }: HeldOutSet, isNamed: boolean): SelectionCheck[] {
  if (power === undefined) return [];
  const where = isNamed ? ` on ${name}` : '';
  const { isAssumed = false, detectable, rate, from } = power;
  const by = `with a probability of 80 % (pass rate ${formatPercent(rate)}, ${from})`;
  // Between shares of right answers, no difference is larger than 100 points.
  if (detectable > 1) {
    const message = `So few answers${where} find no difference ${by}.`;
    return [{ id: 'power', state: 'warning', message, advice: 'Use more held-out problems, seeds or answers.' }];
  }
  const message = `A difference of ${(100 * detectable).toFixed(1)} points${where} is found ${by}. Differences between trainings are not included.`;
  const advice = 'Evaluate the base model on these problems first, or give --pass-rate.';
  return [{ id: 'power', state: isAssumed ? 'warning' : 'ok', message, ...(isAssumed && { advice }) }];
}

function trainerCheck({ trainer }: Facts): SelectionCheck[] {
  if (!trainerOf(trainer).hosted) return [];
  const message = `${trainerOf(trainer).title} keeps the trained model, so that Longhand can’t evaluate it on this machine.`;
  return [
    { id: 'training', state: 'error', message, advice: 'Choose a trainer that leaves the model on this machine.' },
  ];
}
