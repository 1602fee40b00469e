import { FIELDS, type FieldName, findField } from '../../core/query/fields.ts';
import { QueryError } from '../../core/query/parse.ts';
import { type Clause, formatQuery, type Query } from '../../core/query/query.ts';
import type { Sort } from '../chain-index/query.ts';

/** What of a file must be read before a field is known: where its rows are, its rows, or its rows and their grades. */
export const READINGS = ['places', 'rows', 'grades'] as const;
export type Reading = (typeof READINGS)[number];

/** The fields that the chains of a file have. */
const NEEDED: Partial<Record<FieldName, Reading>> = {
  decision: 'places',
  reviewer: 'places',
  edited: 'places',
  steps: 'places',
  tag: 'places',
  assigned: 'places',
  note: 'places',
  finding: 'places',
  group: 'places',
  replyGroup: 'places',
  problem: 'places',
  chain: 'places',
  model: 'rows',
  level: 'rows',
  topic: 'rows',
  text: 'rows',
  tokens: 'rows',
  characters: 'rows',
  verdict: 'grades',
  overruled: 'grades',
  filters: 'grades',
  failed: 'grades',
  behaviour: 'grades',
  verification: 'grades',
  backtracking: 'grades',
  subgoal: 'grades',
  backward: 'grades',
};

/** The fields of a file that need this reading. */
export function fieldsOfReading(reading: Reading): FieldName[] {
  return FIELDS.flatMap(({ name }) => (NEEDED[name] === reading ? [name] : []));
}

/** Whether a query or an order needs what an examination found. */
export function needsFindings(query: Query, sort: Sort | undefined): boolean {
  const isOfExamination = (field: string): boolean => ['finding', 'group', 'replyGroup'].includes(field);
  return (
    query.some(({ field }) => isOfExamination(field)) ||
    (sort !== undefined && 'field' in sort && isOfExamination(sort.field))
  );
}

export function hasField(field: FieldName): boolean {
  return NEEDED[field] !== undefined;
}

/** What a query and an order need. @throws QueryError for a field that a file does not have */
export function readingOf(query: Query, sort: Sort | undefined): Reading {
  const needed = query.map((clause) => clauseReading(clause, formatQuery(query).length));
  if (sort !== undefined) needed.push(sortReading(sort));
  return READINGS[Math.max(0, ...needed.map((one) => READINGS.indexOf(one)))] ?? 'places';
}

function clauseReading({ field, op }: Clause, length: number): Reading {
  const needed = NEEDED[field];
  if (needed !== undefined) return op === '~' && field !== 'note' ? 'rows' : needed;
  const known = FIELDS.flatMap(({ name }) => (hasField(name) ? [name] : []));
  throw new QueryError(`A file has no “${field}”.`, `Its fields: ${known.join(', ')}.`, { start: 0, end: length });
}

function sortReading(sort: Sort): Reading {
  if ('field' in sort) return NEEDED[findField(sort.field)?.name ?? 'chain'] ?? 'places';
  return sort.by === 'uncertain' ? 'grades' : 'rows';
}
