import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readPolicy, resolvePolicy } from '../../../src/core/grading/index.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';

/** Labelled data that only a development machine has. */
export const DATA = resolve(import.meta.dirname, '../../../../shared/data');

/** A labelled pair from the tests of another project. */
export interface Pair {
  readonly id: string;
  /** Short name of the project. */
  readonly source: string;
  /** The convention that the source states. */
  readonly policy: string;
  readonly shape: 'bare' | 'response';
  readonly gold: string;
  readonly prediction: string;
  readonly expected: boolean;
  /** Decimal places to which the source compares. */
  readonly precision: number | undefined;
  /** A note on the label, such as an upstream error. */
  readonly note: string | undefined;
}

interface Row {
  id: string;
  source: string;
  policy: string;
  shape: 'bare' | 'response';
  gold: unknown;
  prediction: unknown;
  expected: boolean;
  options?: { precision?: number };
  note?: string;
}

/** The rows of a file of the labelled data; undefined where it is absent. */
export function rowsOf<T>(name: string): T[] | undefined {
  const path = resolve(DATA, name);
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as T);
}

/** All pairs; undefined where the data is absent. */
export function readPairs(): Pair[] | undefined {
  return rowsOf<Row>('pairs/equivalence.jsonl')?.map((row) => ({
    id: row.id,
    source: row.source.split(/[:\s]/)[0]?.split('/').at(-1) ?? row.source,
    policy: row.policy,
    shape: row.shape,
    gold: String(row.gold),
    prediction: String(row.prediction),
    expected: row.expected,
    precision: row.options?.precision,
    note: row.note,
  }));
}

/** The policy nearest to that of the pair’s source. */
export function policyOf({ policy, precision }: Pair): GradingPolicy {
  const known = readPolicy(policy);
  const named = typeof known === 'string' ? resolvePolicy('default') : known;
  return precision === undefined
    ? named
    : GradingPolicy.parse({ ...named, relativeTolerance: Math.min(0.1, 10 ** -precision) });
}
