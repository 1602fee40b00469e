import { shuffleKey } from '../../core/maths/random.ts';
import { CHOICES, type ChoiceField, type NumberField } from '../../core/query/fields.ts';
import { type Clause, isComparison, type Query, toNumber } from '../../core/query/query.ts';
import { normaliseLevel, normaliseTopic } from '../../core/schemas/index.ts';
import { type ChoiceColumn, type ColumnChoice, isOfReviews, type NumberColumnField, once } from './field-columns.ts';
import { type Numbers, orderBy } from './order.ts';
import { compareTexts, ranks } from './text-ranks.ts';

/** The choices whose values are counted, as the Review Queue view lists them. */
export const FACETS = CHOICES.filter((name) => name !== 'problem' && name !== 'chain');
export type Facet = Exclude<ChoiceField, 'problem' | 'chain'>;

/** Whether the text that a clause searches for is in the chain at a position; see TextSearch. */
export type HasText = (position: number, clause: Clause) => boolean;

/** Chains by position, from 0, with the values that a query compares: those of a dataset, or of a file that belongs to none. */
export interface QueryTable {
  readonly size: number;
  /** Another object after each change of rows, and of reviews. What is computed from them is kept as long. */
  readonly versions: { readonly rows: object; readonly reviews: object };
  id(position: number): string;
  /** `as`: whose decisions apply; those of all reviewers together when absent. */
  choices(field: ColumnChoice, as: string | undefined): ChoiceColumn;
  /** By position; NaN where the number is unknown. */
  numbers(field: NumberColumnField): Numbers;
  /** By position, numbers in the order of the ids of chains or problems. */
  idOrder(field: 'chain' | 'problem'): Numbers;
  /** Whether the chain at a position, or its problem, has one of the ids. */
  idMatcher(field: 'chain' | 'problem', ids: ReadonlySet<string>): (position: number) => boolean;
  /** Sentences in which judge and classifier differ, of the judged ones; undefined without a judgement. */
  judgement(position: number): { judged: number; differ: number } | undefined;
  /** By position, 1 for chains whose final answer has a verdict, of grading or of a reviewer. */
  graded(as: string | undefined): Uint8Array;
}

export interface QueryScope {
  /** Whose decisions apply; those of all reviewers together when absent. */
  as?: string | undefined;
  /** Needed for a query with `~`. */
  hasText?: HasText | undefined;
}

/** A field to sort by. Chains without a value come last. */
export type Sort =
  | { field: ChoiceField | NumberField; descending?: boolean }
  /** Chains without a verdict first, then those in which judge and classifier differ most. */
  | { by: 'uncertain' }
  | { by: 'random'; seed: number };

/** Whether acts of reviewers may change which chains a query finds, or their order. A search of texts reads notes and edits. */
export function dependsOnReviews(query: Query, sort: Sort | undefined): boolean {
  if (sort !== undefined && ('field' in sort ? isOfReviews(sort.field) : sort.by === 'uncertain')) return true;
  return query.some(({ field, op }) => op === '~' || isOfReviews(field));
}

/**
 * Positions of the chains that match all clauses, in their order, or sorted. With a clause of the field `judge`, chains in which
 * judge and classifier differ most come first.
 * @throws RangeError for a text clause without `hasText`
 */
export function positionsOf(
  table: QueryTable,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): Uint32Array {
  const missed = missedFields(table, query, scope, 0);
  if (sort !== undefined) return thoseMissing(NONE, missed, sortedPositions(table, sort, scope.as));
  const positions = thoseMissing(NONE, missed);
  const byJudge = query.some(({ field, not }) => field === 'judge' && !not);
  return byJudge ? orderBy(positions, differing(table), true) : positions;
}

/** Sentences in which judge and classifier differ. */
function differing(table: QueryTable): Float64Array {
  return byPosition(table.size, (position) => table.judgement(position)?.differ ?? 0);
}

/** Made by a loop: `Float64Array.from` takes ten times as long. */
export function byPosition(size: number, of: (position: number) => number): Float64Array {
  const numbers = new Float64Array(size);
  for (let position = 0; position < size; position++) numbers[position] = of(position);
  return numbers;
}

/** The orders of the table and of the queue. Each takes 4 MB of a million chains. */
const KEPT_ORDERS = 2;

/** All positions in an order. The last ones by a field are kept: a table is sorted again at each query. */
function sortedPositions(table: QueryTable, sort: Sort, as: string | undefined): Uint32Array {
  const make = (): Uint32Array => {
    const all = new Uint32Array(table.size);
    for (let position = 0; position < all.length; position++) all[position] = position;
    return orderBy(all, sortKeys(table, sort, as), 'descending' in sort && sort.descending === true);
  };
  if (!('field' in sort)) return make();
  const version = table.versions[isOfReviews(sort.field) ? 'reviews' : 'rows'];
  const kept = once(version, 'orders', () => new Map<string, Uint32Array>());
  const key = JSON.stringify([sort, isOfReviews(sort.field) ? as : '']);
  const order = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, order);
  for (const oldest of kept.keys()) if (kept.size > KEPT_ORDERS) kept.delete(oldest);
  return order;
}

function sortKeys(table: QueryTable, sort: Sort, as: string | undefined): Numbers {
  if ('field' in sort) return fieldKeys(table, sort.field, as);
  if (sort.by === 'random') return byPosition(table.size, (at) => shuffleKey(table.id(at), sort.seed));
  const graded = table.graded(as);
  return byPosition(table.size, (at) => {
    const judgement = table.judgement(at);
    const differ = judgement && judgement.judged > 0 ? judgement.differ / judgement.judged : 0;
    return -differ - (graded[at] === 1 ? 0 : 2);
  });
}

/** Numbers by position in the order of a field; NaN for chains without a value. */
function fieldKeys(table: QueryTable, field: ChoiceField | NumberField, as: string | undefined): Numbers {
  if (isNumber(field)) return table.numbers(field);
  // The other direction needs them too.
  if (field === 'chain' || field === 'problem')
    return once(table.versions.rows, `ids of ${field}`, () => table.idOrder(field));
  const { codes, values } = table.choices(field, as);
  const order = ranks(
    values.map(([first]) => first),
    field === 'level' ? compareLevels : compareTexts,
  );
  return byPosition(codes.length, (at) => order[codes[at] ?? 0] ?? Number.NaN);
}

/** Levels that are numbers are compared as such. */
function compareLevels(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? compareTexts(a, b) : difference;
}

/**
 * The number of chains by facet and value, among those that match all clauses about other fields: it shows what another choice would select.
 */
export function facetCounts<F extends Facet>(
  table: QueryTable,
  query: Query,
  scope: QueryScope,
  facets: readonly F[],
): Record<F, ReadonlyMap<string, number>> {
  const fields = fieldsOf(query);
  let missed: Uint8Array | undefined;
  let found: Uint32Array | undefined;
  const count = (facet: Facet): Map<string, number> => {
    missed ??= missedFields(table, query, scope, 1);
    // A query finds few of many chains, and each facet looks at these only.
    found ??= thoseMissing(NONE, missed);
    const { codes, values } = table.choices(facet, scope.as);
    const numbers = new Uint32Array(values.length);
    if (values.length === 1) numbers[0] = found.length;
    else addCounts(numbers, codes, found);
    if (fields.includes(facet)) addCounts(numbers, codes, thoseMissing(fields.indexOf(facet), missed));
    const counts = new Map<string, number>();
    numbers.forEach((number, code) => {
      for (const value of number > 0 ? (values[code] ?? []) : []) counts.set(value, (counts.get(value) ?? 0) + number);
    });
    return counts;
  };
  // An act of a reviewer changes few of the counts: the others are kept.
  const changes = dependsOnReviews(query, undefined);
  const kept = (facet: Facet): ReadonlyMap<string, number> => {
    if (changes || isOfReviews(facet)) return count(facet);
    // Of the last query only: each text that is typed is another one.
    const last = once(table.versions.rows, `counts ${facet}`, (): { of?: string; counts: Map<string, number> } => {
      return { counts: new Map() };
    });
    const of = JSON.stringify(query);
    if (last.of !== of) Object.assign(last, { of, counts: count(facet) });
    return last.counts;
  };
  return Object.fromEntries(facets.map((facet) => [facet, kept(facet)])) as Record<F, ReadonlyMap<string, number>>;
}

/** Counts the codes at some positions. */
function addCounts(numbers: Uint32Array, codes: ChoiceColumn['codes'], positions: Uint32Array): void {
  // `for of` takes seven times as long.
  for (let i = 0; i < positions.length; i++) {
    const code = codes[positions[i] ?? 0] ?? 0;
    numbers[code] = (numbers[code] ?? 0) + 1;
  }
}

const fieldsOf = (query: Query): Clause['field'][] => [...new Set(query.map(({ field }) => field))];

/** No field, and several fields. */
const [NONE, SEVERAL] = [254, 255];

/**
 * By position, the number of the only field whose clauses the chain misses, NONE or SEVERAL.
 * @param most fields that a chain may miss to be of interest; texts of others are not searched
 */
function missedFields(table: QueryTable, query: Query, scope: QueryScope, most: 0 | 1): Uint8Array {
  const missed = new Uint8Array(table.size).fill(NONE);
  const fields = fieldsOf(query);
  // Texts last: they take longest.
  const clauses = [...query].sort((a, b) => Number(a.op === '~') - Number(b.op === '~'));
  for (const clause of clauses) {
    const matches = matcher(table, clause, scope);
    const field = fields.indexOf(clause.field);
    for (let position = 0; position < missed.length; position++) {
      const before = missed[position];
      if (before === SEVERAL || before === field) continue;
      if (matches(position) === (clause.not === true))
        missed[position] = before === NONE && most === 1 ? field : SEVERAL;
    }
  }
  return missed;
}

/** The positions of the chains that miss a field, or NONE; see missedFields. `order`: of all positions; as stored when absent. */
function thoseMissing(field: number, missed: Uint8Array, order?: Uint32Array): Uint32Array {
  let size = 0;
  for (let position = 0; position < missed.length; position++) if (missed[position] === field) size++;
  const found = new Uint32Array(size);
  let next = 0;
  for (let i = 0; i < missed.length; i++) {
    const position = order === undefined ? i : (order[i] ?? 0);
    if (missed[position] === field) found[next++] = position;
  }
  return found;
}

/** Whether the chain at a position has what the clause names, apart from its `not`. */
function matcher(table: QueryTable, clause: Clause, scope: QueryScope): (position: number) => boolean {
  const { field, op, values } = clause;
  if (op === '~' || field === 'note' || field === 'text') {
    const { hasText } = scope;
    if (hasText === undefined) throw new RangeError(`no text to search for ${values.join(', ')}`);
    return (position) => hasText(position, clause);
  }
  if (isComparison(op)) {
    const limit = toNumber(values[0] ?? '') ?? Number.NaN;
    if (!isNumber(field) && field !== 'level') return () => false;
    const numbers = table.numbers(field);
    return (position) => compare(numbers[position] ?? Number.NaN, op, limit);
  }
  if (isNumber(field)) {
    const numbers = table.numbers(field);
    const wanted = new Set(values.map(toNumber));
    return (position) => wanted.has(numbers[position]);
  }
  return choiceMatcher(table, field, new Set(values.map(NORMAL[field] ?? String)), scope.as);
}

function choiceMatcher(
  table: QueryTable,
  field: ChoiceField,
  wanted: ReadonlySet<string>,
  as: string | undefined,
): (position: number) => boolean {
  if (field === 'chain' || field === 'problem') return table.idMatcher(field, wanted);
  const { codes, values } = table.choices(field, as);
  const isWanted = Uint8Array.from(values, (own) => Number(own.some((value) => wanted.has(value))));
  return (position) => isWanted[codes[position] ?? 0] === 1;
}

function compare(value: number, op: Clause['op'], limit: number): boolean {
  if (op === '<') return value < limit;
  if (op === '<=') return value <= limit;
  return op === '>' ? value > limit : value >= limit;
}

/** Fields whose values have several spellings. */
const NORMAL: Partial<Record<ChoiceField, (value: string) => string>> = {
  level: (value) => String(normaliseLevel(value)),
  topic: normaliseTopic,
};

const isNumber = (field: ChoiceField | NumberField): field is NumberField =>
  !(CHOICES as readonly string[]).includes(field);
