import type { ChoiceField, NumberField } from '../../core/query/fields.ts';
import { BEHAVIOURS, type Behaviour } from '../../core/schemas/index.ts';
import type { ChainTable } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import { actsPer1000, choicesOf } from './fields.ts';
import type { Numbers } from './order.ts';
import type { ChainRow } from './rows.ts';

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** The values of a choice for all chains: a code by position, and the values of each code. */
export interface ChoiceColumn {
  codes: Codes;
  values: (readonly string[])[];
}

/** Choices without a value of their own for each chain. */
export type ColumnChoice = Exclude<ChoiceField, 'chain' | 'problem'>;

export type NumberColumnField = NumberField | 'level';

/** Members of the row that decide the values of a choice, where these are not decided below. */
const MEMBERS: Partial<Record<ColumnChoice, readonly (keyof ChainRow)[]>> = {
  round: ['round'],
  origin: ['origin'],
  parent: ['parent'],
  class: ['class'],
  verdict: ['outcome', 'ended'],
  first: ['first'],
  filters: ['passed'],
  failed: ['failed'],
  export: ['passed'],
  warning: ['outcome', 'ended', 'failed'],
  behaviour: ['behaviours'],
  model: ['model'],
  level: ['problemId'],
  topic: ['problemId'],
  triage: ['problemId'],
};

/** Members of which many chains have the same values: their kinds (see Table) are found once for all fields. */
const COMMON: readonly (keyof ChainRow)[] = [
  ...(['round', 'origin', 'class', 'outcome', 'ended', 'first', 'passed', 'failed', 'model'] as const),
];

type Special = 'quota' | 'judged' | 'reviewed' | 'examined' | 'reviewed or examined' | 'reviewed or quota';

/** Chains of which the members do not decide the values alone. */
const SPECIAL: Partial<Record<ColumnChoice, Special>> = {
  filters: 'quota',
  failed: 'quota',
  behaviour: 'judged',
  judge: 'judged',
  finding: 'examined',
  group: 'examined',
  replyGroup: 'examined',
  decision: 'reviewed',
  edited: 'reviewed',
  overruled: 'reviewed',
  steps: 'reviewed',
  reviewer: 'reviewed',
  tag: 'reviewed',
  assigned: 'reviewed',
  export: 'reviewed or quota',
  warning: 'reviewed or examined',
};

/** What was made of a version of the index. */
const made = new WeakMap<object, Map<string, unknown>>();

/** What `make` gives, once for each version of the index. */
export function once<T>(version: object, key: string, make: () => T): T {
  const known = made.get(version) ?? new Map<string, unknown>();
  made.set(version, known);
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as T;
}

/** Whether a field depends on acts of reviewers. */
export function isOfReviews(field: string): boolean {
  return SPECIAL[field as ColumnChoice]?.startsWith('reviewed') ?? false;
}

/** The values of a choice of all chains. `as`: whose decisions apply; those of all reviewers together when absent. */
export function choiceColumn(index: DatasetIndex, field: ColumnChoice, as: string | undefined): ChoiceColumn {
  const key = isOfReviews(field) ? `${field} ${as ?? ''}` : field;
  return once(index.versions[isOfReviews(field) ? 'reviews' : 'rows'], key, () => makeChoices(index, field, as));
}

/** The numbers of a field of all chains; NaN where it is unknown. */
export function numberColumn(index: DatasetIndex, field: NumberColumnField): Numbers {
  return once(index.versions.rows, `number ${field}`, () => makeNumbers(index, field));
}

/** Each value is computed once for all chains that must have it. */
function makeChoices(index: DatasetIndex, field: ColumnChoice, as: string | undefined): ChoiceColumn {
  const chains = index.chainTable;
  const { kinds, first, causes } = causesOf(index, field);
  const special = [...specialOf(index, field)];
  const values: (readonly string[])[] = [];
  const known = new Map<string, number>();
  const codeAt = (position: number): number => {
    const own = choicesOf(index, chains.at(position), field, as);
    const key = JSON.stringify(own);
    const code = known.get(key) ?? values.push(own) - 1;
    known.set(key, code);
    return code;
  };
  const codesOfSpecial = special.map(codeAt);
  const ordinary = special.length > 0 ? firstPositions(kinds, first.length, special) : first;
  const byCause = new Map<number, number>();
  const codeOfKind = Uint32Array.from(causes, (cause, kind) => {
    const at = ordinary[kind] ?? -1;
    const code = byCause.get(cause) ?? (at < 0 ? 0 : codeAt(at));
    if (at >= 0) byCause.set(cause, code);
    return code;
  });
  const codes = spread(kinds, codeOfKind, values.length);
  for (const [i, at] of special.entries()) codes[at] = codesOfSpecial[i] ?? 0;
  return { codes, values };
}

/** The first position of each kind that is not special; -1 where there is none. */
function firstPositions(kinds: Uint32Array, size: number, special: readonly number[]): Int32Array {
  const isSpecial = new Uint8Array(kinds.length);
  for (const position of special) isSpecial[position] = 1;
  const first = new Int32Array(size).fill(-1);
  for (let position = kinds.length - 1; position >= 0; position--)
    if (isSpecial[position] === 0) first[kinds[position] ?? 0] = position;
  return first;
}

/** By position, the code of its kind, of one, two or four bytes as `size` codes need. */
function spread(kinds: Uint32Array, codeOfKind: Uint32Array, size: number): Codes {
  const codes = new (size <= 0x100 ? Uint8Array : size <= 0x10000 ? Uint16Array : Uint32Array)(kinds.length);
  if (codeOfKind.every((code) => code === 0)) return codes;
  for (let position = 0; position < kinds.length; position++) codes[position] = codeOfKind[kinds[position] ?? 0] ?? 0;
  return codes;
}

function makeNumbers(index: DatasetIndex, field: NumberColumnField): Numbers {
  const { rows } = index.chainTable;
  switch (field) {
    case 'tokens':
      return rows.numbers('tokens');
    case 'characters':
      return rows.numbers('size');
    case 'passRate':
      return rows.map('problemId', (id) => {
        const rate = index.passRate(id);
        return rate ? rate.successes / rate.attempts : Number.NaN;
      });
    case 'level': {
      const { codes, values } = index.problemTable.codes('level');
      return index.problemAt.map((position) => {
        const level = position < 0 ? undefined : values[codes[position] ?? 0];
        return typeof level === 'number' ? level : Number.NaN;
      });
    }
    default:
      return actNumbers(index.chainTable, field);
  }
}

function actNumbers({ rows }: ChainTable, kind: Behaviour): Float64Array {
  const [tokens, size] = [rows.numbers('tokens'), rows.numbers('size')];
  const numbers = rows.map('acts', (acts) => acts[BEHAVIOURS.indexOf(kind)] ?? Number.NaN);
  // A loop in place: `map` of a typed array takes several times as long.
  for (let at = 0; at < numbers.length; at++)
    numbers[at] = actsPer1000(numbers[at] ?? Number.NaN, { tokens: tokens[at] ?? 0, size: size[at] ?? 0 });
  return numbers;
}

/** Kinds of chains (see Table), and a number for each kind: chains with the same number have the same values, apart from special ones. */
function causesOf(
  index: DatasetIndex,
  field: ColumnChoice,
): { kinds: Uint32Array; first: Uint32Array; causes: Uint32Array } {
  const { rows } = index.chainTable;
  const members = MEMBERS[field] ?? [];
  const isCommon = members.length > 0 && members.every((member) => COMMON.includes(member));
  const { kinds, first } = kindsOf(index, isCommon ? COMMON : members);
  const causes = new Uint32Array(first.length);
  for (const member of members) {
    const { codes, values } = rows.codes(member, first);
    for (let kind = 0; kind < causes.length; kind++)
      causes[kind] = (causes[kind] ?? 0) * values.length + (codes[kind] ?? 0);
  }
  if (field !== 'level' && field !== 'topic' && field !== 'triage') return { kinds, first, causes };
  const problemOf = (kind: number): string => rows.value(first[kind] ?? 0, 'problemId');
  if (field === 'triage')
    return { kinds, first, causes: causes.map((_, kind) => Number(index.suspectGold(problemOf(kind)) !== undefined)) };
  const { problemTable } = index;
  const { codes } = problemTable.codes(field);
  // Of no problem: 0.
  return { kinds, first, causes: causes.map((_, kind) => (codes[problemTable.find(problemOf(kind))] ?? -1) + 1) };
}

/** The kinds of chains by some members; see Table. */
export function kindsOf(
  index: DatasetIndex,
  members: readonly (keyof ChainRow)[],
): { kinds: Uint32Array; first: Uint32Array } {
  return once(index.versions.rows, `kinds ${members.join()}`, () => index.chainTable.rows.kinds(members));
}

/** Positions of the chains of which the kinds do not decide the values. */
function specialOf(index: DatasetIndex, field: ColumnChoice): Set<number> {
  const chains = index.chainTable;
  const special = new Set<number>();
  const kind = SPECIAL[field];
  if (kind === undefined) return special;
  const mark = (marks: Uint8Array): void => {
    for (let at = marks.indexOf(1); at >= 0; at = marks.indexOf(1, at + 1)) special.add(at);
  };
  const find = (ids: Iterable<string>): void => {
    for (const id of ids) special.add(chains.find(id));
  };
  if (kind.includes('quota')) mark(chains.overQuota);
  if (kind === 'judged') mark(chains.judged);
  if (kind.includes('reviewed')) find(index.reviewed());
  if (kind.includes('examined')) find(index.examined());
  // Some are gone.
  special.delete(-1);
  return special;
}
