import { z } from 'zod';
import { FIELD_NAMES, type FieldName, OPERATORS, type Operator, operatorsOf } from './fields.ts';

/** Longest value in UTF-16 code units: V8 compiles a long regular expression for seconds, which nothing interrupts. */
export const LONGEST_VALUE = 1000;
/** Most values of a clause, and most clauses. */
export const MOST_VALUES = 1000;
export const MOST_CLAUSES = 100;

/**
 * One condition. With `=`, one of the values applies; with a comparison the number does; with `~` the text contains one of the values in any case,
 * or matches one as a regular expression.
 */
export const Clause = z
  .object({
    field: z.enum(FIELD_NAMES),
    op: z.enum(OPERATORS),
    values: z.array(z.string().max(LONGEST_VALUE)).min(1).max(MOST_VALUES),
    /** The values of `~` are regular expressions as JavaScript writes them: `/wait/i`. */
    regex: z.literal(true).optional(),
    /** Chains without the property match, also those without a value. */
    not: z.literal(true).optional(),
  })
  .refine(({ field, op }) => operatorsOf(field).includes(op), 'the field has no such operator')
  .refine(({ op, values }) => !isComparison(op) || values.every((value) => toNumber(value) !== undefined), {
    message: 'a comparison needs a number',
  })
  .refine(({ regex, values }) => !regex || values.every((value) => toRegExp(value) !== undefined), {
    message: 'not a regular expression',
  });
export type Clause = z.infer<typeof Clause>;

/** Chains that match all clauses; without clauses, all chains. */
export const Query = z.array(Clause).max(MOST_CLAUSES);
export type Query = z.infer<typeof Query>;

export function isComparison(op: Operator): boolean {
  return op !== '=' && op !== '~';
}

/** The number of a text: `4000`, `0.3` or `30%`; undefined if it is none. */
export function toNumber(text: string): number | undefined {
  const [, digits, percent] = /^(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%?)$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  return percent ? Number(digits) / 100 : Number(digits);
}

/** The regular expression of a literal such as `/wait/i`; undefined if it is none. It may backtrack for ever: see TextSearch. */
export function toRegExp(literal: string): RegExp | undefined {
  const [, source, flags] = /^\/([\s\S]+)\/([ims]*)$/.exec(literal) ?? [];
  try {
    return source === undefined ? undefined : new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** The query as a person types it; `parseQuery` reads it back. */
export function formatQuery(query: Query): string {
  return query.map(formatClause).join(' and ');
}

export function formatClause({ field, op, values, regex, not }: Clause): string {
  const written = (regex ? values : values.map(formatValue)).join(', ');
  return `${not ? 'not ' : ''}${field} ${op} ${written}`;
}

/** Words of the syntax, which a value must be quoted for. */
const RESERVED = /^(?:and|not)$/i;

/** A value as it is typed in a query: in quotes where it needs them. */
export function formatValue(value: string): string {
  return /^[\p{L}\p{N}_.%@:+-]+$/u.test(value) && !RESERVED.test(value)
    ? value
    : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** The query with one more value: an alternative in a clause of the same field, or a clause of its own. */
export function withValue(query: Query, field: FieldName, value: string): Query {
  const at = query.findIndex((clause) => isPlain(clause, field));
  const known = query[at];
  if (known === undefined) return [...query, { field, op: '=', values: [value] }];
  return known.values.includes(value) ? query : query.with(at, { ...known, values: [...known.values, value] });
}

/** The query without a value of a field; without the clause when it was the last one. */
export function withoutValue(query: Query, field: FieldName, value: string): Query {
  return query.flatMap((clause) => {
    if (!isPlain(clause, field)) return [clause];
    const values = clause.values.filter((one) => one !== value);
    return values.length === 0 ? [] : [{ ...clause, values }];
  });
}

/** A copy of the query in which every reviewer has another name. */
export function renameInQuery(query: Query, nameOf: (reviewer: string) => string): Query {
  return query.map((clause) => {
    const isName = clause.field === 'reviewer' || clause.field === 'assigned';
    return isName ? { ...clause, values: clause.values.map(nameOf) } : clause;
  });
}

/** Whether the query selects this value of the field. */
export function hasValue(query: Query, field: FieldName, value: string): boolean {
  return query.some((clause) => isPlain(clause, field) && clause.values.includes(value));
}

const isPlain = ({ field, op, not }: Clause, name: FieldName): boolean => field === name && op === '=' && !not;
