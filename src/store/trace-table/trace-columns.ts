import { z } from 'zod';
import type { MappedTrace } from '../../core/dataset/index.ts';
import { BEHAVIOURS, type Chain, normaliseLevel, normaliseTopic, sampleOutcome } from '../../core/schemas/index.ts';
import { CodedColumn, type Column, coded, count, type NumberColumn, optionalWord } from '../chain-index/columns.ts';
import { CHAINS, PROBLEMS } from '../chain-index/rows.ts';
import type { NamedColumns } from '../chain-index/segment.ts';

type Saved = ReadonlyMap<string, Column>;

/** The number of a row that can't be read. */
const NONE = 2 ** 32 - 1;
const optionalBoolean = coded(z.boolean().nullable());
const fewNumbers = coded(z.array(z.number().int().nonnegative().nullable()));

/** What the rows of a file say of each chain: some ten bytes for each. */
export class RowColumns implements NamedColumns {
  static readonly kinds = {
    level: PROBLEMS.shape.level,
    topic: PROBLEMS.shape.topic,
    model: PROBLEMS.shape.topic,
    tokens: count,
    size: count,
  };
  readonly level = codedColumn(PROBLEMS.shape.level);
  readonly topic = codedColumn(PROBLEMS.shape.topic);
  readonly model = codedColumn(PROBLEMS.shape.topic);
  readonly tokens = count.create() as NumberColumn;
  readonly size = count.create() as NumberColumn;

  /** @param saved Columns of these kinds. */
  static of(saved: Saved): RowColumns {
    return Object.assign(new RowColumns(), Object.fromEntries(saved));
  }

  get length(): number {
    return this.size.numbers.length;
  }

  get columns(): NamedColumns['columns'] {
    return columnsOf<keyof typeof RowColumns.kinds>(this, RowColumns.kinds);
  }

  /** @param trace Undefined for a row that can't be read. */
  push(trace: MappedTrace | undefined, chain: Pick<Chain, 'text' | 'tokens'> | undefined): void {
    this.level.push(trace?.level === undefined ? undefined : normaliseLevel(trace.level));
    this.topic.push(trace?.topic === undefined ? undefined : normaliseTopic(trace.topic));
    this.model.push(trace?.model);
    this.tokens.push(chain?.tokens.count ?? NONE);
    this.size.push(chain?.text.length ?? NONE);
  }

  truncate(length: number): void {
    for (const column of [this.level, this.topic, this.model, this.tokens, this.size]) column.truncate(length);
  }
}

/** What grading, filters and classifier say of each chain. */
export class GradeColumns implements NamedColumns {
  static readonly kinds = {
    verdict: optionalWord,
    passed: optionalBoolean,
    failed: CHAINS.shape.failed,
    behaviours: CHAINS.shape.behaviours,
    acts: fewNumbers,
  };
  readonly verdict = codedColumn(optionalWord);
  readonly passed = codedColumn(optionalBoolean);
  readonly failed = codedColumn(CHAINS.shape.failed);
  readonly behaviours = codedColumn(CHAINS.shape.behaviours);
  readonly acts = codedColumn(fewNumbers);

  /** @param saved Columns of these kinds. */
  static of(saved: Saved): GradeColumns {
    return Object.assign(new GradeColumns(), Object.fromEntries(saved));
  }

  get length(): number {
    return this.verdict.codes.length;
  }

  get columns(): NamedColumns['columns'] {
    return columnsOf<keyof typeof GradeColumns.kinds>(this, GradeColumns.kinds);
  }

  /** @param chain Undefined for a row that can't be read. */
  push(chain: Chain | undefined): void {
    const row = chain && CHAINS.row(chain, { file: '', offset: 0, length: 0 });
    const known = typeof row === 'object' ? row : undefined;
    this.verdict.push(known && sampleOutcome(known.outcome, known.ended));
    this.passed.push(known?.passed ?? null);
    this.failed.push(known?.failed ?? []);
    this.behaviours.push(known?.behaviours ?? BEHAVIOURS.map(() => 0));
    this.acts.push(known?.acts ?? []);
  }

  truncate(length: number): void {
    for (const column of [this.verdict, this.passed, this.failed, this.behaviours, this.acts]) column.truncate(length);
  }
}

/** The numbers of rows; NaN of those that can't be read. */
export function knownNumbers({ numbers }: NumberColumn): Uint32Array | Float64Array {
  return numbers.includes(NONE) ? Float64Array.from(numbers, (one) => (one === NONE ? Number.NaN : one)) : numbers;
}

function columnsOf<K extends string>(
  from: Readonly<Record<K, unknown>>,
  kinds: Readonly<Record<K, unknown>>,
): NamedColumns['columns'] {
  return (Object.keys(kinds) as K[]).map((name) => [name, from[name] as Column] as const);
}

function codedColumn<T>(kind: { create(): { push(value: T): void } }): CodedColumn<T> {
  const column = kind.create();
  if (column instanceof CodedColumn) return column;
  throw new TypeError('the column has no codes');
}
