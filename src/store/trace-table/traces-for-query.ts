import { BEHAVIOURS, type Behaviour, type ReviewAct } from '../../core/schemas/index.ts';
import type { CodedColumn } from '../chain-index/columns.ts';
import {
  type ChoiceColumn,
  type ColumnChoice,
  isOfReviews,
  type NumberColumnField,
} from '../chain-index/field-columns.ts';
import { actsPer1000 } from '../chain-index/fields.ts';
import type { Numbers } from '../chain-index/order.ts';
import { byPosition, type QueryTable } from '../chain-index/query.ts';
import { type ChainReview, overrideIn, reviewValues } from '../decisions.ts';
import { placeOfTrace } from '../side-file.ts';
import type { ChainFindings } from './file-findings.ts';
import type { FileOrder } from './file-order.ts';
import { rowOfPlace } from './file-order.ts';
import { type GradeColumns, knownNumbers, type RowColumns } from './trace-columns.ts';

/** The reviews of the chains of a file, by their place. */
export type TraceReviews = ReadonlyMap<string, ChainReview<ReviewAct>>;

const PENDING: ChainReview<ReviewAct> = { decision: 'pending', reviewers: new Map() };

/** The chains of a file as a query compares them. Values that were not read are those of a chain without any. */
export class TracesForQuery implements QueryTable {
  readonly size: number;
  readonly versions: QueryTable['versions'];
  readonly #order: FileOrder;
  readonly #rows: RowColumns;
  readonly #grades: GradeColumns;
  readonly #reviews: TraceReviews;
  readonly #findings: ReadonlyMap<string, ChainFindings>;

  constructor(
    order: FileOrder,
    rows: RowColumns,
    grades: GradeColumns,
    reviews: TraceReviews,
    versions: QueryTable['versions'],
    findings: ReadonlyMap<string, ChainFindings>,
  ) {
    this.size = order.length;
    this.versions = versions;
    this.#order = order;
    this.#rows = rows;
    this.#grades = grades;
    this.#reviews = reviews;
    this.#findings = findings;
  }

  id(position: number): string {
    return this.#order.at(position) ?? '';
  }

  choices(field: ColumnChoice, as: string | undefined): ChoiceColumn {
    if (isOfReviews(field)) return this.#reviewed(field, as);
    switch (field) {
      case 'finding':
        return this.#chosen(this.#findings, [], ({ findings }) => findings);
      case 'group':
        return this.#chosen(this.#findings, [], ({ group }) => optional(group));
      case 'replyGroup':
        return this.#chosen(this.#findings, [], ({ replyGroup }) => optional(replyGroup));
      case 'level':
        return coded(this.#rows.level, (level) => optional(level?.toString()));
      case 'topic':
        return coded(this.#rows.topic, optional);
      case 'model':
        return coded(this.#rows.model, optional);
      case 'verdict':
        return coded(this.#grades.verdict, optional);
      case 'filters':
        return coded(this.#grades.passed, (passed) => (passed === null ? [] : [passed ? 'passed' : 'filtered']));
      case 'failed':
        return coded(this.#grades.failed, (failed) => failed);
      case 'behaviour':
        return coded(this.#grades.behaviours, (spans) => BEHAVIOURS.filter((_, i) => (spans[i] ?? 0) > 0));
      default:
        return { codes: new Uint8Array(this.size), values: [[]] };
    }
  }

  numbers(field: NumberColumnField): Numbers {
    switch (field) {
      case 'tokens':
        return knownNumbers(this.#rows.tokens);
      case 'characters':
        return knownNumbers(this.#rows.size);
      case 'level': {
        const { level } = this.#rows;
        return Float64Array.from(level.codes, (code) => {
          const value = level.value(code);
          return typeof value === 'number' ? value : Number.NaN;
        });
      }
      case 'passRate':
        return new Float64Array(this.size).fill(Number.NaN);
      default:
        return byPosition(this.#grades.verdict.codes.length, (at) => this.rateAt(field, at) ?? Number.NaN);
    }
  }

  /** Acts of a kind per 1,000 tokens; undefined where they are unknown. */
  rateAt(kind: Behaviour, at: number): number | undefined {
    const acts = this.#grades.acts.at(at)[BEHAVIOURS.indexOf(kind)];
    const { tokens, size } = this.#rows;
    return typeof acts === 'number' ? actsPer1000(acts, { tokens: tokens.at(at), size: size.at(at) }) : undefined;
  }

  /** Rows have no other order than that of the file. */
  idOrder(): Float64Array {
    return byPosition(this.size, (position) => position);
  }

  idMatcher(field: 'chain' | 'problem', ids: ReadonlySet<string>): (position: number) => boolean {
    const wanted = [...ids].flatMap((id) => (field === 'chain' ? [id] : this.#chainsOf(id)));
    const positions = new Set(wanted.map((id) => this.#order.indexOf(id)));
    return (position) => positions.has(position);
  }

  judgement(): undefined {
    return undefined;
  }

  graded(as: string | undefined): Uint8Array {
    const { verdict } = this.#grades;
    const isGraded = Uint8Array.from({ length: verdict.size }, (_, code) =>
      Number(['correct', 'incorrect'].includes(verdict.value(code) ?? '')),
    );
    const graded = new Uint8Array(this.size);
    verdict.codes.forEach((code, position) => {
      graded[position] = isGraded[code] ?? 0;
    });
    for (const [id, review] of this.#reviews) {
      const override = overrideIn(review, as);
      if (override !== undefined) graded[this.#order.indexOf(id)] = override === 'unknown' ? 0 : 1;
    }
    return graded;
  }

  #reviewed(field: ColumnChoice, as: string | undefined): ChoiceColumn {
    return this.#chosen(this.#reviews, reviewValues(PENDING, field, as, ''), (review, position) => {
      const verdict = position < this.#grades.length ? this.#grades.verdict.at(position) : undefined;
      return reviewValues(review, field, as, verdict ?? '');
    });
  }

  /** The values of a few chains, by their places; all others have `none`. */
  #chosen<T>(
    few: ReadonlyMap<string, T>,
    none: readonly string[],
    valuesOf: (one: T, position: number) => readonly string[],
  ): ChoiceColumn {
    const codes = new Uint32Array(this.size);
    const values = [none];
    const known = new Map([[JSON.stringify(none), 0]]);
    for (const [id, one] of few) {
      const position = this.#order.indexOf(id);
      if (position < 0) continue;
      const own = valuesOf(one, position);
      const key = JSON.stringify(own);
      const code = known.get(key) ?? values.push(own) - 1;
      known.set(key, code);
      codes[position] = code;
    }
    return { codes, values };
  }

  /** The chains of a problem, which is a row: `row 17`. */
  #chainsOf(problem: string): string[] {
    const place = rowOfPlace(problem.replace(/^row /, ''));
    if (place === undefined) return [];
    return Array.from({ length: this.#order.chainsOf(place.row) }, (_, at) => placeOfTrace(place.row + 1, at));
  }
}

function coded<T>(column: CodedColumn<T>, values: (value: T) => readonly string[]): ChoiceColumn {
  return { codes: column.codes, values: Array.from({ length: column.size }, (_, code) => values(column.value(code))) };
}

function optional(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
