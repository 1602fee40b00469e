import { shuffleKey } from '../../core/maths/random.ts';
import { CHOICES, type ChoiceField, type NumberField } from '../../core/query/fields.ts';
import { type Clause, isComparison, type Query, toNumber } from '../../core/query/query.ts';
import { normaliseLevel, normaliseTopic } from '../../core/schemas/index.ts';
import type { ChainEntry } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import { choiceColumn, isOfReviews, numberColumn, once } from './field-columns.ts';
import { orderBy } from './order.ts';
import { compareTexts, ranks, textRanks } from './text-ranks.ts';
import { Texts } from './texts.ts';

/** The choices whose values are counted, as the Review Queue view lists them. */
export const FACETS = CHOICES.filter((name) => name !== 'problem' && name !== 'chain');
export type Facet = Exclude<ChoiceField, 'problem' | 'chain'>;

/** Whether the text that a clause searches for is in a chain; see TextSearch. */
export type HasText = (chain: ChainEntry, clause: Clause) => boolean;

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

/** As `queryPositions`, the chains themselves. */
export function queryChains(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): ChainEntry[] {
  return Array.from(queryPositions(index, query, scope, sort), (position) => index.chainTable.at(position));
}

/**
 * Positions in the index of the chains that match all clauses, in the order of the index, or sorted. With a clause of the field `judge`, chains in which
 * judge and classifier differ most come first. A position is valid until the next refresh that changes chains.
 * @throws RangeError for a text clause without `hasText`
 */
export function queryPositions(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): Uint32Array {
  const found = new Uint32Array(index.chainCount);
  const missed = missedFields(index, query, scope, 0);
  let size = 0;
  for (let position = 0; position < found.length; position++) if (missed[position] === NONE) found[size++] = position;
  if (sort !== undefined) {
    size = 0;
    for (const position of sortedPositions(index, sort, scope.as))
      if (missed[position] === NONE) found[size++] = position;
    return found.slice(0, size);
  }
  const positions = found.slice(0, size);
  const byJudge = query.some(({ field, not }) => field === 'judge' && !not);
  return byJudge ? orderBy(positions, differing(index), true) : positions;
}

/** Sentences in which judge and classifier differ. */
function differing({ chainTable }: DatasetIndex): Float64Array {
  return byPosition(chainTable.size, (position) => chainTable.judgement(position)?.differ ?? 0);
}

/** Made by a loop: `Float64Array.from` takes ten times as long. */
function byPosition(size: number, of: (position: number) => number): Float64Array {
  const numbers = new Float64Array(size);
  for (let position = 0; position < size; position++) numbers[position] = of(position);
  return numbers;
}

/** All positions in an order. Those by a field are kept: a table is sorted again at each query. */
function sortedPositions(index: DatasetIndex, sort: Sort, as: string | undefined): Uint32Array {
  const make = (): Uint32Array => {
    const all = new Uint32Array(index.chainCount);
    for (let position = 0; position < all.length; position++) all[position] = position;
    return orderBy(all, sortKeys(index, sort, as), 'descending' in sort && sort.descending === true);
  };
  if (!('field' in sort)) return make();
  const key = `order ${JSON.stringify([sort, isOfReviews(sort.field) ? as : ''])}`;
  return once(index.versions[isOfReviews(sort.field) ? 'reviews' : 'rows'], key, make);
}

function sortKeys(index: DatasetIndex, sort: Sort, as: string | undefined): Float64Array {
  if ('field' in sort) return fieldKeys(index, sort.field, as);
  const { chainTable } = index;
  if (sort.by === 'random')
    return byPosition(chainTable.size, (at) => shuffleKey(chainTable.rows.value(at, 'id'), sort.seed));
  const graded = gradedChains(index, as);
  return byPosition(chainTable.size, (at) => {
    const judgement = chainTable.judgement(at);
    const differ = judgement && judgement.judged > 0 ? judgement.differ / judgement.judged : 0;
    return -differ - (graded[at] === 1 ? 0 : 2);
  });
}

/** By position, 1 for chains whose final answer has a verdict, of grading or of a reviewer. */
function gradedChains(index: DatasetIndex, as: string | undefined): Uint8Array {
  const { chainTable } = index;
  const graded = chainTable.rows.where('outcome', new Set<ChainEntry['outcome']>(['correct', 'incorrect']));
  for (const id of index.reviewed()) {
    const override = index.override(id, as);
    if (override !== undefined) graded[chainTable.find(id)] = override === 'unknown' ? 0 : 1;
  }
  return graded;
}

/** Numbers by position in the order of a field; NaN for chains without a value. */
function fieldKeys(index: DatasetIndex, field: ChoiceField | NumberField, as: string | undefined): Float64Array {
  if (isNumber(field)) return numberColumn(index, field);
  if (field === 'chain') return index.chainTable.rows.keyRanks();
  if (field === 'problem') {
    const { codes, values } = index.chainTable.rows.codes('problemId');
    const texts = new Texts();
    for (const value of values) texts.push(value);
    const order = textRanks(values.length, texts);
    return byPosition(codes.length, (at) => order[codes[at] ?? 0] ?? Number.NaN);
  }
  const { codes, values } = choiceColumn(index, field, as);
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
export function countFacets(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
): Record<Facet, Map<string, number>> {
  const missed = missedFields(index, query, scope, 1);
  const fields = fieldsOf(query);
  const count = (facet: Facet): Map<string, number> => {
    const { codes, values } = choiceColumn(index, facet, scope.as);
    const numbers = new Uint32Array(values.length);
    const own = fields.indexOf(facet);
    for (let position = 0; position < codes.length; position++) {
      const one = missed[position];
      if (one !== NONE && one !== own) continue;
      const code = codes[position] ?? 0;
      numbers[code] = (numbers[code] ?? 0) + 1;
    }
    const counts = new Map<string, number>();
    numbers.forEach((number, code) => {
      for (const value of number > 0 ? (values[code] ?? []) : []) counts.set(value, (counts.get(value) ?? 0) + number);
    });
    return counts;
  };
  return Object.fromEntries(FACETS.map((facet) => [facet, count(facet)])) as Record<Facet, Map<string, number>>;
}

const fieldsOf = (query: Query): Clause['field'][] => [...new Set(query.map(({ field }) => field))];

/** No field, and several fields. */
const [NONE, SEVERAL] = [254, 255];

/**
 * By position, the number of the only field whose clauses the chain misses, NONE or SEVERAL.
 * @param most fields that a chain may miss to be of interest; texts of others are not searched
 */
function missedFields(index: DatasetIndex, query: Query, scope: QueryScope, most: 0 | 1): Uint8Array {
  const missed = new Uint8Array(index.chainCount).fill(NONE);
  const fields = fieldsOf(query);
  // Texts last: they take longest.
  const clauses = [...query].sort((a, b) => Number(a.op === '~') - Number(b.op === '~'));
  for (const clause of clauses) {
    const matches = matcher(index, clause, scope);
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

/** Whether the chain at a position has what the clause names, apart from its `not`. */
function matcher(index: DatasetIndex, clause: Clause, scope: QueryScope): (position: number) => boolean {
  const { field, op, values } = clause;
  if (op === '~' || field === 'note' || field === 'text') {
    const { hasText } = scope;
    if (hasText === undefined) throw new RangeError(`no text to search for ${values.join(', ')}`);
    return (position) => hasText(index.chainTable.at(position), clause);
  }
  if (isComparison(op)) {
    const limit = toNumber(values[0] ?? '') ?? Number.NaN;
    if (!isNumber(field) && field !== 'level') return () => false;
    const numbers = numberColumn(index, field);
    return (position) => compare(numbers[position] ?? Number.NaN, op, limit);
  }
  if (isNumber(field)) {
    const numbers = numberColumn(index, field);
    const wanted = new Set(values.map(toNumber));
    return (position) => wanted.has(numbers[position]);
  }
  return choiceMatcher(index, field, new Set(values.map(NORMAL[field] ?? String)), scope.as);
}

function choiceMatcher(
  index: DatasetIndex,
  field: ChoiceField,
  wanted: ReadonlySet<string>,
  as: string | undefined,
): (position: number) => boolean {
  if (field === 'chain') {
    const positions = new Set([...wanted].map((id) => index.chainTable.find(id)));
    return (position) => positions.has(position);
  }
  if (field === 'problem') {
    const isWanted = index.chainTable.rows.where('problemId', wanted);
    return (position) => isWanted[position] === 1;
  }
  const { codes, values } = choiceColumn(index, field, as);
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
