import { z } from 'zod';
import { joinTrace, type MappedTrace, traceEnd } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import type { RoundLineage } from '../../core/export/index.ts';
import {
  bandOf,
  FILTERS,
  type FilterContext,
  type LengthBand,
  runFilters,
  withBand,
} from '../../core/filters/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { keepLast } from '../../core/keep-last.ts';
import {
  type Chain,
  type FilterSettings,
  levelAndTopic,
  type Problem,
  type ReviewAct,
  type RoundPlan,
  type RoundSummary,
  sampleOutcome,
} from '../../core/schemas/index.ts';
import { type ChainLine, lineOf } from '../../grading/trace.ts';
import type { TracePool } from '../../grading/trace-pool.ts';
import { problemHash, textHash } from '../../store/chain-index/rows.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { VerbError } from '../context.ts';
import type { RowSource } from '../rows/source.ts';
import { ImportIds } from './import-ids.ts';
import type { ImportReport } from './import-report.ts';

export interface TraceImport {
  dataset: Dataset;
  round: string;
  rows: Pick<RowSource, 'stem' | 'origin' | 'hub'>;
  pool: TracePool;
  report: ImportReport;
  /** What of other texts the filters need: the benchmarks of the dataset. */
  filterContext: FilterContext;
  /** Reviews of the traces by the keys that `take` gets, which are taken along. */
  reviews?: { acts(key: string): readonly ReviewAct[] } | undefined;
  /** Of a round that was exported, from the manifest. */
  lineage?: RoundLineage | undefined;
  /** The problems of an export, by id; undefined for any other file. */
  problems?: ReadonlyMap<string, Problem> | undefined;
}

interface Known {
  id: string;
  answer: string;
}

const NO_CLASSES = { FT: 0, TT: 0, TF: 0, FF: 0 };
const BY_BENCHMARKS: ReadonlySet<string> = new Set(['decontaminated']);
/** The samples of a problem often follow each other. */
const hashOfProblem = keepLast(problemHash);
const ORDER: readonly string[] = FILTERS.map(({ id }) => id);

/** Turns traces into graded chains of one round: matched to problems, each text once. */
export class TraceImporter {
  readonly counts = { traces: 0, duplicates: 0, passed: 0, outcomes: {} as Record<string, number> };
  /** Problems that the dataset did not have. */
  readonly newProblems: Problem[] = [];
  /** The name of the file, or of the set on the hub. */
  readonly file: string;
  readonly stem: string;
  readonly #import: TraceImport;
  readonly #createdAt: string;
  readonly #started = Date.now();
  readonly #problems = new Map<string, Known>();
  readonly #problemIds: ImportIds;
  readonly #chainIds: ImportIds;
  /** The chain of every trace that is there, by problem and text; of an export, by id too. */
  readonly #seen: Map<string, string>;
  /** The chains of which a trace of this file was found or taken. */
  readonly #used = new Set<string>();
  /** The chains that have reviews, by the keys of these. */
  readonly reviewed = new Map<string, string>();
  /** In UTF-16 code units, of the texts in the order of the file. */
  readonly #lengths: number[] = [];
  /** Those that passed the filters. */
  readonly #passedLengths: number[] = [];
  #band: LengthBand | undefined;

  constructor(options: TraceImport) {
    const { index } = options.dataset;
    this.file = options.rows.origin;
    this.stem = options.rows.stem;
    const now = new Date().toISOString();
    this.#createdAt = z.iso.datetime().safeParse(options.lineage?.createdAt).data ?? now;
    this.#import = options;
    const name = slug(this.stem, 'trace');
    const isExport = options.problems !== undefined;
    this.#problemIds = new ImportIds(name, (id) => index.problem(id) !== undefined, isExport);
    this.#chainIds = new ImportIds(name, (id) => index.chain(id) !== undefined, isExport);
    const markOf = ({ problemId, hash, id }: ChainEntry): string => `${problemId} ${hash}${isExport ? ` ${id}` : ''}`;
    this.#seen = new Map(index.chains().map((chain) => [markOf(chain), chain.id]));
  }

  /**
   * What grades a trace and makes its chain; undefined when it is there already or has nothing to be graded against. To be called for one
   * trace after the other: ids and duplicates go by the order of the file. `key`: of its reviews.
   */
  async take(trace: MappedTrace, line: number, key: string): Promise<(() => Promise<string>) | undefined> {
    const problem = await this.#problemOf(trace, line);
    if (!problem) {
      this.#import.report.refuse(line, 'it has no gold answer, and its problem is not in the dataset');
      return undefined;
    }
    const text = joinTrace(trace.parts);
    const content = `${problem.id} ${textHash(text)}`;
    const own = trace.id === undefined || trace.index === 0 ? trace.id : `${trace.id}#${trace.index + 1}`;
    // Chains of a dataset may have equal texts: each of them is a chain here too.
    const isExport = this.#import.problems !== undefined;
    const mark = isExport ? `${content} ${own}` : content;
    const known = this.#seen.get(mark) ?? (isExport ? this.#renamed(content, own ?? '', mark) : undefined);
    const id = known ?? this.#chainIds.take(own, mark);
    this.#used.add(id);
    if ((this.#import.reviews?.acts(key).length ?? 0) > 0) this.reviewed.set(key, id);
    if (known !== undefined) {
      this.counts.duplicates++;
      return undefined;
    }
    this.#seen.set(mark, id);
    return () => this.#grade(trace, id, problem);
  }

  /** The chain of a trace of an export that got another id than its own when it was imported before. */
  #renamed(content: string, own: string, mark: string): string | undefined {
    const known = this.#seen.get(`${content} ${this.#chainIds.made(mark)}`);
    if (known !== undefined) return known;
    // Earlier imports of exports made ids as for other files. Such an id may be that of another trace of the file.
    const earlier = [this.#chainIds.cleaned(own), this.#chainIds.made(content)];
    return earlier
      .map((id) => this.#seen.get(`${content} ${id}`))
      .find((id) => id !== undefined && !this.#used.has(id));
  }

  /** @returns the chain as JSON */
  async #grade(trace: MappedTrace, id: string, problem: Known): Promise<string> {
    const { round, pool, filterContext } = this.#import;
    const place = { id, round, problemId: problem.id, createdAt: this.#createdAt };
    // Chains are graded in any order.
    const at = this.#lengths.push(0) - 1;
    const graded = await pool.gradeLine({ trace, gold: problem.answer, place });
    const line = filterContext.benchmarks === undefined ? graded : this.#compared(graded, trace.question);
    this.counts.traces++;
    this.#lengths[at] = line.length;
    if (line.passed) this.#passedLengths.push(line.length);
    const outcome = sampleOutcome(line.outcome, traceEnd(trace));
    this.counts.outcomes[outcome] = (this.counts.outcomes[outcome] ?? 0) + 1;
    return line.json;
  }

  /** The chain with the filter that compares it with benchmarks, which workers don't have. */
  #compared(line: ChainLine, problem: string): ChainLine {
    const { dataset, filterContext } = this.#import;
    const chain: Chain = JSON.parse(line.json);
    const found = runFilters({ ...chain, problem }, dataset.settings.filters, filterContext, BY_BENCHMARKS);
    if (found.length === 0) return line;
    const filters = [...chain.filters, ...found].sort((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id));
    return lineOf({ ...chain, filters, passed: filters.every(({ passed }) => passed) });
  }

  /**
   * The JSON of a chain with the length filter, which needs the lengths of all others; call it when all are graded.
   * @param line The number of the chain, from 1.
   */
  banded(json: string, line: number): string {
    const { filters } = this.#import.dataset.settings;
    this.#band ??= filters.off.includes('length-band') ? undefined : bandOf(this.#passedLengths, filters);
    const [decided, passed] = withBandIn(json, this.#lengths[line - 1] ?? 0, this.#band, filters);
    if (passed) this.counts.passed++;
    return decided;
  }

  get plan(): RoundPlan {
    const { dataset, lineage } = this.#import;
    const { filters, grading } = dataset.settings;
    return {
      version: 1,
      round: this.#import.round,
      kind: 'imported',
      createdAt: this.#createdAt,
      problemIds: [...new Set([...this.#problems.values()].map(({ id }) => id))],
      from: this.file,
      filters,
      grading: resolvePolicy(grading),
      ...(lineage === undefined ? {} : { lineage: { ...lineage } }),
    };
  }

  get summary(): RoundSummary {
    return {
      version: 1,
      round: this.#import.round,
      finishedAt: new Date().toISOString(),
      calls: 0,
      completionTokens: 0,
      seconds: (Date.now() - this.#started) / 1000,
      problems: this.#problems.size,
      problemsWithoutChain: 0,
      chains: this.counts.traces,
      chainsPassed: this.counts.passed,
      pairs: NO_CLASSES,
      assembled: NO_CLASSES,
      kept: NO_CLASSES,
      quotaDropped: [],
    };
  }

  /** Why an import of this file would make an empty round. */
  nothingImported(): VerbError {
    const bad = this.#import.report.bad[0];
    if (this.counts.duplicates > 0)
      return new VerbError('All traces of the file are in the dataset already.', 'Nothing is left to do.');
    const advice = bad ? `Line ${bad.line}: ${bad.reason}.` : 'Is it the right file?';
    return new VerbError('No trace of the file could be used.', advice);
  }

  async #problemOf(trace: MappedTrace, line: number): Promise<Known | undefined> {
    const { dataset, report } = this.#import;
    const hash = hashOfProblem(trace.question);
    let known = this.#problems.get(hash);
    const stored = known ? undefined : dataset.index.problemByHash(hash);
    if (stored !== undefined) {
      known = { id: stored, answer: (await dataset.problem(stored)).answer };
    } else if (!known && trace.gold !== undefined) {
      known = this.#newProblem(trace, trace.gold, hash);
    }
    if (!known) return undefined;
    this.#problems.set(hash, known);
    if (trace.gold !== undefined && trace.gold !== known.answer) {
      report.note(
        line,
        `its gold is ${trace.gold}; it is graded against ${known.answer}, which the problem has already`,
      );
    }
    return known;
  }

  #newProblem(trace: MappedTrace, answer: string, hash: string): Known {
    const licence = trace.licence ?? this.#import.rows.hub?.licence;
    const id = this.#problemIds.take(trace.problemId, hash);
    this.newProblems.push({
      ...this.#import.problems?.get(trace.problemId ?? ''),
      id,
      problem: trace.question,
      answer,
      ...levelAndTopic(trace),
      source: trace.source ?? this.file,
      ...defined({ licence }),
    });
    return { id, answer };
  }
}

/**
 * The members of a chain's JSON that the filters decide. To parse the whole chain, or to make it into text again, takes several times as long. In a text,
 * a quotation mark has a backslash before it.
 */
const DECIDED = /"filters":\[.*?\],"passed":(?:true|false)/s;

/**
 * As withBand, for a chain as JSON.
 * @param length Of its text, in UTF-16 code units. @returns The JSON, and whether all filters passed.
 */
export function withBandIn(
  json: string,
  length: number,
  band: LengthBand | undefined,
  settings: FilterSettings,
): [json: string, passed: boolean] {
  let passed = false;
  const decided = json.replace(DECIDED, (members) => {
    const chain: Pick<Chain, 'filters' | 'passed'> = JSON.parse(`{${members}}`);
    const banded = withBand({ ...chain, text: { length } }, band, settings);
    passed = banded.passed;
    return JSON.stringify({ filters: banded.filters, passed }).slice(1, -1);
  });
  return [decided, passed];
}
