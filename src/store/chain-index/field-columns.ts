import type { ChoiceField, NumberField } from '../../core/query/fields.ts';
import { BEHAVIOURS, type Behaviour } from '../../core/schemas/index.ts';
import type { ChainTable } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import { actsPer1000, choicesOf } from './fields.ts';
import type { ChainRow } from './rows.ts';

/** The values of a choice for all chains: a code by position, and the values of each code. */
export interface ChoiceColumn {
  codes: Uint8Array | Uint16Array | Uint32Array;
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
};

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
export function numberColumn(index: DatasetIndex, field: NumberColumnField): Float64Array {
  return once(index.versions.rows, `number ${field}`, () => makeNumbers(index, field));
}

/** Each value is computed once for all chains that must have it. */
function makeChoices(index: DatasetIndex, field: ColumnChoice, as: string | undefined): ChoiceColumn {
  const chains = index.chainTable;
  const causes = causesOf(index, field);
  const isSpecial = specialOf(index, field);
  const values: (readonly string[])[] = [];
  const known = new Map<string, number>();
  const codeAt = (position: number): number => {
    const own = choicesOf(index, chains.at(position), field, as);
    const key = JSON.stringify(own);
    const code = known.get(key) ?? values.push(own) - 1;
    known.set(key, code);
    return code;
  };
  const codes = new Uint32Array(chains.size);
  const byCause: number[] = [];
  if (causes === undefined && isSpecial.includes(0)) codes.fill(codeAt(isSpecial.indexOf(0)));
  for (let position = 0; causes !== undefined && position < codes.length; position++) {
    if (isSpecial[position] === 1) continue;
    const cause = causes[position] ?? 0;
    const code = byCause[cause] ?? codeAt(position);
    if (byCause[cause] === undefined) byCause[cause] = code;
    codes[position] = code;
  }
  for (let position = isSpecial.indexOf(1); position >= 0; position = isSpecial.indexOf(1, position + 1))
    codes[position] = codeAt(position);
  return { codes: narrowed(codes, values.length), values };
}

function makeNumbers(index: DatasetIndex, field: NumberColumnField): Float64Array {
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
  const found = rows.map('acts', (acts) => acts[BEHAVIOURS.indexOf(kind)] ?? Number.NaN);
  return found.map((acts, position) => actsPer1000(acts, { tokens: tokens[position] ?? 0, size: size[position] ?? 0 }));
}

/** By position: chains with the same number have the same values, apart from special ones. Undefined where all of these have. */
function causesOf(index: DatasetIndex, field: ColumnChoice): Float64Array | Uint32Array | undefined {
  const { rows } = index.chainTable;
  const members = MEMBERS[field];
  if (members) return combined(members.map((member) => rows.codes(member)));
  if (field === 'level' || field === 'topic') {
    const { codes } = index.problemTable.codes(field);
    return index.problemAt.map((position) => (position < 0 ? 0 : 1 + (codes[position] ?? 0)));
  }
  if (field === 'triage') return rows.map('problemId', (id) => Number(index.suspectGold(id) !== undefined));
  return undefined;
}

/** A number for each combination of codes. */
function combined(columns: readonly { codes: Uint32Array; values: readonly unknown[] }[]): Uint32Array {
  const [first = { codes: new Uint32Array(0) }, ...rest] = columns;
  const combinations = first.codes;
  // Loops: `map` of a typed array takes several times as long.
  for (const { codes, values } of rest)
    for (let position = 0; position < codes.length; position++)
      combinations[position] = (combinations[position] ?? 0) * values.length + (codes[position] ?? 0);
  return combinations;
}

function specialOf(index: DatasetIndex, field: ColumnChoice): Uint8Array {
  const chains = index.chainTable;
  const kind = SPECIAL[field];
  if (kind === 'quota') return chains.overQuota;
  if (kind === 'judged') return chains.judged;
  const special = kind === 'reviewed or quota' ? chains.overQuota.slice() : new Uint8Array(chains.size);
  if (kind === undefined) return special;
  const mark = (ids: Iterable<string>): void => {
    for (const id of ids) {
      const at = chains.find(id);
      if (at >= 0) special[at] = 1;
    }
  };
  if (kind.includes('reviewed')) mark(index.reviewed());
  if (kind.includes('examined')) mark(index.examined());
  return special;
}

/** One, two or four bytes each, as `size` codes need. */
function narrowed(codes: Uint32Array, size: number): Uint8Array | Uint16Array | Uint32Array {
  if (size <= 0x100) return new Uint8Array(codes);
  return size <= 0x10000 ? new Uint16Array(codes) : codes;
}
