import { z } from 'zod';
import { bootstrap } from '../../evaluation/index.ts';
import { cohenKappa } from '../../maths/kappa.ts';
import { BEHAVIOURS, PHASES, type Phase } from '../../schemas/index.ts';
import { BEHAVIOUR_OF_PHASE, type BehaviourLabels } from './task.ts';

/** A number with its 95 % interval: the percentile bootstrap over texts, whose sentences stay together. No interval for a single text. */
export const Measured = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() });
export type Measured = z.infer<typeof Measured>;

const count = z.number().int().nonnegative();

/** A judge's labels of one class against those of people, by sentence. What can't be computed is null, such as the precision of no label. */
export const MeasuredClass = z.object({
  /** Of the judge's label: a phase, or a behaviour. */
  name: z.string(),
  layer: z.enum(['phase', 'act', 'episode']),
  /** The people's label, where it has another name. */
  against: z.string().optional(),
  /** Sentences with the label by people, and by the judge. */
  people: count,
  judge: count,
  precision: Measured.nullable(),
  recall: Measured.nullable(),
  f1: Measured.nullable(),
  kappa: Measured.nullable(),
});
export type MeasuredClass = z.infer<typeof MeasuredClass>;

/** All phases together. */
export const MeasuredPhases = z.object({ accuracy: Measured, kappa: Measured.nullable() });
export type MeasuredPhases = z.infer<typeof MeasuredPhases>;

/** The answered sentences of a text: each with the judge's label and the people's. */
export type Compared<J, P> = readonly (readonly [judge: J, people: P])[];

/** Compares phases with phases. */
export function measurePhases(texts: readonly Compared<Phase, Phase>[]): MeasuredClass[] {
  return PHASES.map((name) =>
    measure(
      { name, layer: 'phase' },
      texts,
      (one) => one === name,
      (one) => one === name,
    ),
  );
}

/** Accuracy and Cohen's κ over all phases; undefined without a sentence. */
export function measureAllPhases(texts: readonly Compared<Phase, Phase>[]): MeasuredPhases | undefined {
  const tables = texts.map((text) => {
    const table = new Float64Array(PHASES.length ** 2);
    for (const [judge, people] of text) {
      const at = PHASES.indexOf(judge) * PHASES.length + PHASES.indexOf(people);
      table[at] = (table[at] ?? 0) + 1;
    }
    return table;
  });
  const accuracy = measured(tables, shareOnDiagonal);
  return accuracy === null ? undefined : { accuracy, kappa: measured(tables, kappaOfTable) };
}

/** Compares acts and episodes with the phases that people label for them; see BEHAVIOUR_OF_PHASE. */
export function measureByPhases(texts: readonly Compared<BehaviourLabels, Phase>[]): MeasuredClass[] {
  return PHASES.flatMap((phase) => {
    const name = BEHAVIOUR_OF_PHASE[phase];
    if (name === undefined) return [];
    return LAYERS.map(([layer, field]) =>
      measure(
        { name, layer, against: phase },
        texts,
        (judge) => judge[field].includes(name),
        (people) => people === phase,
      ),
    );
  });
}

/** Compares episodes with episodes. @param hasActs whether people labelled acts too, which are then compared */
export function measureBehaviours(
  texts: readonly Compared<BehaviourLabels, BehaviourLabels>[],
  hasActs: boolean,
): MeasuredClass[] {
  return BEHAVIOURS.flatMap((name) =>
    LAYERS.filter(([layer]) => hasActs || layer === 'episode').map(([layer, field]) => {
      const has = (labels: BehaviourLabels): boolean => labels[field].includes(name);
      return measure({ name, layer }, texts, has, has);
    }),
  );
}

const LAYERS = [
  ['act', 'acts'],
  ['episode', 'kinds'],
] as const;

/** Counts of a text: positive for both, only for the judge, only for people, for neither. */
const [BOTH, JUDGE, PEOPLE, NEITHER] = [0, 1, 2, 3];

function measure<J, P>(
  title: Pick<MeasuredClass, 'name' | 'layer' | 'against'>,
  texts: readonly Compared<J, P>[],
  byJudge: (label: J) => boolean,
  byPeople: (label: P) => boolean,
): MeasuredClass {
  const tables = texts.map((text) => {
    const table = new Float64Array(4);
    for (const [judge, people] of text) {
      const at = byJudge(judge) ? (byPeople(people) ? BOTH : JUDGE) : byPeople(people) ? PEOPLE : NEITHER;
      table[at ?? 0] = (table[at ?? 0] ?? 0) + 1;
    }
    return table;
  });
  const [both = 0, judge = 0, people = 0] = sumOf(
    tables,
    tables.map((_, i) => i),
  );
  return {
    ...title,
    people: both + people,
    judge: both + judge,
    precision: measured(tables, ([both = 0, judge = 0]) => ratio(both, both + judge)),
    recall: measured(tables, ([both = 0, , people = 0]) => ratio(both, both + people)),
    f1: measured(tables, ([both = 0, judge = 0, people = 0]) => ratio(2 * both, 2 * both + judge + people)),
    kappa: measured(tables, ([both = 0, judge = 0, people = 0, neither = 0]) =>
      cohenKappa(both, judge, people, neither),
    ),
  };
}

const ratio = (a: number, b: number): number | null => (b === 0 ? null : a / b);

type Statistic = (table: Float64Array) => number | null;

/** A statistic of the summed tables. In a draw where it can't be computed it counts as 0, which can only widen the interval. */
function measured(tables: readonly Float64Array[], statistic: Statistic): Measured | null {
  const all = sumOf(
    tables,
    tables.map((_, i) => i),
  );
  const value = statistic(all);
  if (value === null) return null;
  if (tables.length === 1) return { value, low: null, high: null };
  const { low, high } = bootstrap(tables.length, (drawn) => statistic(sumOf(tables, drawn)) ?? 0);
  return { value, low, high };
}

function sumOf(tables: readonly Float64Array[], drawn: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(tables[0]?.length ?? 0);
  for (let d = 0; d < drawn.length; d++) {
    const table = tables[drawn[d] ?? 0];
    for (let i = 0; table && i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (table[i] ?? 0);
  }
  return sum;
}

function shareOnDiagonal(table: Float64Array): number | null {
  const size = Math.sqrt(table.length);
  const total = table.reduce((sum, one) => sum + one, 0);
  let agreed = 0;
  for (let i = 0; i < size; i++) agreed += table[i * size + i] ?? 0;
  return ratio(agreed, total);
}

/** Cohen's κ of several classes (Cohen, Educational and Psychological Measurement 20, 1960). */
function kappaOfTable(table: Float64Array): number | null {
  const agreed = shareOnDiagonal(table);
  if (agreed === null) return null;
  const size = Math.sqrt(table.length);
  const total = table.reduce((sum, one) => sum + one, 0);
  let chance = 0;
  for (let i = 0; i < size; i++) {
    let [row, column] = [0, 0];
    for (let j = 0; j < size; j++) {
      row += table[i * size + j] ?? 0;
      column += table[j * size + i] ?? 0;
    }
    chance += (row * column) / total ** 2;
  }
  return ratio(agreed - chance, 1 - chance);
}
