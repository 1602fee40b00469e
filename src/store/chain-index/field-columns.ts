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
  class: ['class'],
  verdict: ['outcome', 'ended'],
  first: ['first'],
  filters: ['passed'],
  failed: ['failed'],
  behaviour: ['behaviours'],
  model: ['model'],
};

/** Chains of which the members do not decide the values alone. */
const SPECIAL: Partial<Record<ColumnChoice, 'quota' | 'judged' | 'reviewed' | 'examined'>> = {
  filters: 'quota',
  failed: 'quota',
  behaviour: 'judged',
  judge: 'judged',
  finding: 'examined',
  group: 'examined',
  decision: 'reviewed',
  edited: 'reviewed',
  overruled: 'reviewed',
  reviewer: 'reviewed',
  tag: 'reviewed',
  assigned: 'reviewed',
};

/** What was made of a version of the index. */
const made = new WeakMap<object, Map<string, unknown>>();

function once<T>(version: object, key: string, make: () => T): T {
  const known = made.get(version) ?? new Map<string, unknown>();
  made.set(version, known);
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as T;
}

/** The values of a choice of all chains. `as`: whose decisions apply; those of all reviewers together when absent. */
export function choiceColumn(index: DatasetIndex, field: ColumnChoice, as: string | undefined): ChoiceColumn {
  const isOfReviews = SPECIAL[field] === 'reviewed';
  const key = isOfReviews ? `${field} ${as ?? ''}` : field;
  return once(index.versions[isOfReviews ? 'reviews' : 'rows'], key, () => makeChoices(index, field, as));
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
  for (let position = 0; position < chains.size; position++) {
    const cause = causes[position] ?? 0;
    const known = isSpecial?.[position] === 1 ? undefined : byCause[cause];
    const code = known ?? codeAt(position);
    codes[position] = code;
    if (isSpecial?.[position] !== 1) byCause[cause] = code;
  }
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

/** By position: chains with the same number have the same values, apart from special ones. */
function causesOf(index: DatasetIndex, field: ColumnChoice): Float64Array {
  const { rows } = index.chainTable;
  const members = MEMBERS[field];
  if (members) return combined(members.map((member) => rows.codes(member)));
  if (field === 'level' || field === 'topic') {
    const { codes } = index.problemTable.codes(field);
    return index.problemAt.map((position) => (position < 0 ? 0 : 1 + (codes[position] ?? 0)));
  }
  if (field === 'triage') return rows.map('problemId', (id) => Number(index.suspectGold(id) !== undefined));
  return new Float64Array(rows.size);
}

function combined([first, second]: readonly { codes: Float64Array; values: readonly unknown[] }[]): Float64Array {
  if (!first) return new Float64Array(0);
  if (!second) return first.codes;
  const { length } = second.values;
  return first.codes.map((code, position) => code * length + (second.codes[position] ?? 0));
}

function specialOf(index: DatasetIndex, field: ColumnChoice): Uint8Array | undefined {
  const chains = index.chainTable;
  const kind = SPECIAL[field];
  if (kind === 'quota') return chains.overQuota;
  if (kind === 'judged') return chains.judged;
  if (kind === undefined) return undefined;
  const special = new Uint8Array(chains.size);
  for (const id of kind === 'reviewed' ? index.reviewed() : index.examined()) {
    const at = chains.find(id);
    if (at >= 0) special[at] = 1;
  }
  return special;
}

/** One, two or four bytes each, as `size` codes need. */
function narrowed(codes: Uint32Array, size: number): Uint8Array | Uint16Array | Uint32Array {
  if (size <= 0x100) return Uint8Array.from(codes);
  return size <= 0x10000 ? Uint16Array.from(codes) : codes;
}
