import type { AnswerCounts, ChainTally } from '../../core/dataset/funnel/index.ts';
import type { FindingId } from '../../core/examine/kinds.ts';
import type { Tally } from '../../core/sampling/index.ts';
import type { Decision, OverrideOutcome } from '../../core/schemas/index.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import { type DatasetFiles, linesAsExported, listFiles, rowOfChecked } from '../dataset-files.ts';
import { type ChainReview, decisionIn, isEditedIn, overrideIn, type StepsReview, stepsIn } from '../decisions.ts';
import { ActIndex } from './act-index.ts';
import { IndexCache } from './cache.ts';
import { type ChainEntry, ChainTable } from './chain-table.ts';
import { FindingsOfChains } from './findings.ts';
import { countGrades, firstSamples, type GradeCounts, sumTallies, tallyChains } from './grade-counts.ts';
import { RoundSummaries, type SuspectGold } from './round-summaries.ts';
import {
  type ActRow,
  CHAINS,
  type ChainRow,
  GRADES,
  type GradeRow,
  JUDGEMENTS,
  type JudgementRow,
  PROBLEMS,
  type ProblemRow,
  REVIEWS,
} from './rows.ts';
import { Scan } from './scan.ts';
import type { BadRow } from './scan-part.ts';
import { ScanThreads } from './scan-threads.ts';
import type { Place } from './segment.ts';
import { Table } from './table.ts';
import { Lookup } from './texts.ts';

/** Graded first answers of a problem over all rounds, without ungraded ones. */
export interface PassRate {
  attempts: number;
  successes: number;
}

/** The parts changed by a refresh. */
export interface IndexChange {
  problems: boolean;
  chains: boolean;
  grades: boolean;
  reviews: boolean;
}

/** Delay before changes are saved; losing them costs only a rebuild. */
const SAVE_AFTER_MS = 2000;

/**
 * Ids, facets and places of everything in a dataset, without texts. It can be rebuilt from the files. `refresh` reads appended lines. Later lines replace
 * earlier ones with the same id; of two files, the later one by round number or name counts.
 */
export class DatasetIndex {
  readonly #root: string;
  readonly #cache: IndexCache;
  readonly #problems: Scan<ProblemRow>;
  readonly #chains: Scan<ChainRow>;
  readonly #grades: Scan<GradeRow>;
  readonly #judgements: Scan<JudgementRow>;
  readonly #acts: ActIndex;
  /** Files of which only unreadable lines are kept. */
  readonly #checked: Scan<Place>;
  readonly #examined = new FindingsOfChains();
  readonly #scans: readonly Scan[];
  #files: DatasetFiles = { problems: [], chains: [], grades: [], judgements: [], reviews: [], checked: [], rounds: [] };
  readonly #summaries = new RoundSummaries();
  #isRead = false;
  #refreshing: Promise<IndexChange> = Promise.resolve({
    problems: false,
    chains: false,
    grades: false,
    reviews: false,
  });
  #checking: Promise<void> = Promise.resolve();
  #saveTimer: NodeJS.Timeout | undefined;

  // Views over the scans, created on demand and discarded when their scan changes.
  #problemView: Table<ProblemRow> | undefined;
  #hashView: Lookup | undefined;
  #chainView: ChainTable | undefined;
  #gradeCounts: GradeCounts | undefined;
  #passRates: Map<string, Tally> | undefined;
  #suspectView: Map<string, SuspectGold> | undefined;
  #problemsOfChains: Float64Array | undefined;
  #versions = { rows: {}, reviews: {} };

  /**
   * @param log receives background messages, such as a discarded index.
   * @param scanWorker the script of the threads that read large files; without it, they are read here.
   */
  constructor(root: string, datasetId: string, log: (text: string) => void = () => {}, scanWorker?: string) {
    this.#root = root;
    this.#cache = new IndexCache(root, datasetId, log);
    const threads = scanWorker === undefined ? undefined : new ScanThreads(scanWorker, log);
    this.#problems = new Scan(PROBLEMS, threads);
    this.#chains = new Scan(CHAINS, threads);
    this.#grades = new Scan(GRADES, threads);
    this.#judgements = new Scan(JUDGEMENTS, threads);
    const reviews = new Scan(REVIEWS, threads);
    this.#acts = new ActIndex(reviews);
    this.#checked = new Scan<Place>({ kind: 'checked', shape: {}, row: rowOfChecked }, undefined, (file, size) =>
      linesAsExported(root, file, size),
    );
    const scans = [this.#problems, this.#chains, this.#grades, this.#judgements, reviews, this.#checked];
    this.#scans = scans as unknown as readonly Scan[];
  }

  /** The first chain of the near duplicates that the last examination found of a chain. */
  nearDuplicates(chainId: string): string | undefined {
    return this.#examined.group(chainId);
  }

  /** The first chain of the near-duplicate replies that the last examination found of a chain. */
  nearReplies(chainId: string): string | undefined {
    return this.#examined.replyGroup(chainId);
  }

  /** Whether there is an examination. */
  get isExamined(): boolean {
    return this.#examined.known;
  }

  /** What the last examination found in a chain. */
  findings(chainId: string): readonly FindingId[] {
    return this.#examined.of(chainId);
  }

  /** Ids of the chains in which the last examination found something; some may be gone. */
  examined(): Iterable<string> {
    return this.#examined.ids();
  }

  /** All problems in the order of the files. */
  problems(): readonly ProblemRow[] {
    return [...this.#problemRows];
  }

  get problemCount(): number {
    return this.#problemRows.size;
  }

  problem(id: string): ProblemRow | undefined {
    const position = this.#problemRows.find(id);
    return position < 0 ? undefined : this.#problemRows.at(position);
  }

  /** The problem whose normalised text has this hash; see problemHash. */
  problemByHash(hash: string): string | undefined {
    const rows = this.#problemRows;
    const isSame = (position: number): boolean => rows.value(position, 'hash') === hash;
    const position = this.#problemHashes.find(hashNumber(hash), isSame);
    return position < 0 ? undefined : rows.value(position, 'id');
  }

  /** All chains, rounds in order of their numbers, chains in order of their first lines. */
  chains(): readonly ChainEntry[] {
    return [...this.#chainRows];
  }

  get chainCount(): number {
    return this.#chainRows.size;
  }

  /** As `chains`, one at a time. */
  eachChain(): Iterable<ChainEntry> {
    return this.#chainRows;
  }

  /** Ids of the chains with acts of a reviewer, in the order of the index. */
  reviewed(): string[] {
    const rows = this.#chainRows;
    const found = [...this.#acts.ids()].map((id) => ({ id, position: rows.find(id) }));
    return found
      .filter(({ position }) => position >= 0)
      .sort((a, b) => a.position - b.position)
      .map(({ id }) => id);
  }

  /** By round: the number of chains, of passed chains, and of failures by filter. */
  chainTallies(): ReadonlyMap<string, ChainTally> {
    return tallyChains(this.#chainRows.rows);
  }

  chain(id: string): ChainEntry | undefined {
    const position = this.#chainRows.find(id);
    return position < 0 ? undefined : this.#chainRows.at(position);
  }

  /** The chains by position; of use until the next refresh that changes chains. */
  get chainTable(): ChainTable {
    return this.#chainRows;
  }

  get problemTable(): Table<ProblemRow> {
    return this.#problemRows;
  }

  /** By position of a chain, the position of its problem; -1 where it is missing. */
  get problemAt(): Float64Array {
    this.#problemsOfChains ??= this.#chainRows.rows.map('problemId', (id) => this.#problemRows.find(id));
    return this.#problemsOfChains;
  }

  /** Another object after each change of rows, and of reviews, for what is computed from them. */
  get versions(): { rows: object; reviews: object } {
    return this.#versions;
  }

  /** Names of the round folders, by number. */
  get rounds(): readonly string[] {
    return this.#files.rounds;
  }

  /** The pass rate of first answers in dialogue rounds; undefined when none is graded. */
  passRate(problemId: string): PassRate | undefined {
    this.#passRates ??= sumTallies(this.#counts.firsts.values());
    const tally = this.#passRates.get(problemId);
    return tally && tally.attempts > 0 ? { attempts: tally.attempts, successes: tally.successes } : undefined;
  }

  /**
   * Tallies by problem over these rounds: first answers of dialogue rounds and responses of sampling rounds together. The rounds must be of one model.
   */
  tallies(rounds: Iterable<string>): Map<string, Tally> {
    const { firsts, responses } = this.#counts;
    return sumTallies([...rounds].flatMap((round) => [firsts.get(round), responses.get(round)]));
  }

  /**
   * Tallies by problem without bias from a sampling policy: first answers of dialogue rounds, and of sampling rounds the first `samples` responses of each
   * problem that has as many. As for `tallies`, of one model.
   */
  firstTallies(rounds: Iterable<{ round: string; samples: number }>): Map<string, Tally> {
    const { firsts, samples } = this.#counts;
    return sumTallies(
      [...rounds].flatMap(({ round, samples: size }) => [
        firsts.get(round),
        firstSamples(samples.get(round) ?? new Map(), size),
      ]),
    );
  }

  /** Graded answers of a round by outcome; see roundFunnel. */
  answerCounts(round: string): AnswerCounts {
    return this.#counts.answers.get(round) ?? new Map();
  }

  /** The report of a suspect gold answer by a sampling round, while no sample has solved the problem. */
  suspectGold(problemId: string): SuspectGold | undefined {
    const { rounds } = this.#files;
    this.#suspectView ??= this.#summaries.suspects(rounds, () => this.tallies(rounds));
    return this.#suspectView.get(problemId);
  }

  review(chainId: string): ChainReview {
    return this.#acts.review(chainId);
  }

  /** The decision of one reviewer, or of all together. */
  decision(chainId: string, reviewer?: string): Decision {
    return decisionIn(this.review(chainId), reviewer);
  }

  /** The verdict on the final answer of one reviewer, or of all together; undefined when the grader's applies. */
  override(chainId: string, reviewer?: string): OverrideOutcome | undefined {
    return overrideIn(this.review(chainId), reviewer);
  }

  /** Whether one reviewer has edited the text, or any has. */
  isEdited(chainId: string, reviewer?: string): boolean {
    return isEditedIn(this.review(chainId), reviewer);
  }

  /** What one reviewer labelled of the steps, or all together: a wrong step counts most. */
  steps(chainId: string, reviewer?: string): StepsReview | undefined {
    return stepsIn(this.review(chainId), reviewer);
  }

  /** See ActIndex. */
  acts(chainId: string): ActRow[] {
    return this.#acts.of(chainId);
  }

  /** See ActIndex. */
  batchActs(batch: string, reviewer: string): ActRow[] {
    return this.#acts.ofBatch(batch, reviewer);
  }

  /** Every unreadable line of the dataset, by file name. */
  badRows(now: number = Date.now()): BadRow[][] {
    return this.#scans
      .flatMap((scan) => [...scan.bad(now)])
      .sort(([a], [b]) => ((a?.file ?? '') < (b?.file ?? '') ? -1 : 1));
  }

  /** Files known to have unreadable lines, by name. An incomplete last line of a running writer is not damaged. */
  damaged(): DamagedFile[] {
    return this.badRows().map(damagedFile);
  }

  /**
   * As `damaged`, after reading new lines of journals and others that `refresh` skips, since a large journal takes seconds and the index does not depend on
   * it.
   */
  findDamage(): Promise<DamagedFile[]> {
    const next = this.#checking.catch(() => undefined).then(() => this.#check());
    this.#checking = next;
    return next.then(() => this.damaged());
  }

  /** Reads new lines in the folder. A call during a refresh starts another one after it. */
  refresh(): Promise<IndexChange> {
    const next = this.#refreshing.catch(() => undefined).then(() => this.#refresh());
    this.#refreshing = next;
    return next;
  }

  /** Saves unsaved changes. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#refreshing, this.#checking]);
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (this.#isRead) await this.#save(true);
  }

  get #counts(): GradeCounts {
    this.#gradeCounts ??= countGrades(this.#grades.segments(this.#files.grades));
    return this.#gradeCounts;
  }

  get #problemRows(): Table<ProblemRow> {
    this.#problemView ??= new Table(this.#problems.segments(this.#files.problems), 'id');
    return this.#problemView;
  }

  /** Positions by the hash of the text; of several the last. */
  get #problemHashes(): Lookup {
    if (this.#hashView) return this.#hashView;
    const rows = this.#problemRows;
    this.#hashView = new Lookup(rows.size);
    for (let position = rows.size - 1; position >= 0; position--) {
      const hash = rows.value(position, 'hash');
      if (this.#hashView.find(hashNumber(hash), (other) => rows.value(other, 'hash') === hash) < 0)
        this.#hashView.add(hashNumber(hash), position);
    }
    return this.#hashView;
  }

  get #chainRows(): ChainTable {
    this.#chainView ??= new ChainTable(
      this.#chains.segments(this.#files.chains),
      this.#judgements.segments(this.#files.judgements),
      this.#summaries.overQuota(),
    );
    return this.#chainView;
  }

  async #refresh(): Promise<IndexChange> {
    const files = await listFiles(this.#root);
    this.#files = files;
    const problems = (await this.#problems.refresh(this.#root, files.problems, this.#cache)).length > 0;
    const grades = (await this.#grades.refresh(this.#root, files.grades, this.#cache)).length > 0;
    const chains = (await this.#chains.refresh(this.#root, files.chains, this.#cache)).length > 0;
    const judged = (await this.#judgements.refresh(this.#root, files.judgements, this.#cache)).length > 0;
    const summaries = await this.#summaries.refresh(this.#root, files.rounds);
    const examined = await this.#examined.refresh(this.#root);
    const reviews = await this.#acts.refresh(this.#root, files.reviews, this.#cache);
    if (problems) this.#problemView = this.#hashView = undefined;
    if (grades) this.#gradeCounts = this.#passRates = undefined;
    if (grades || summaries) this.#suspectView = undefined;
    if (chains || judged || summaries) this.#chainView = undefined;
    this.#isRead = true;
    if (problems || chains || grades || judged || summaries || examined) {
      this.#problemsOfChains = undefined;
      this.#versions = { rows: {}, reviews: {} };
    } else if (reviews) this.#versions = { ...this.#versions, reviews: {} };
    if (problems || chains || grades || judged || reviews) this.#saveSoon();
    return { problems, chains: chains || judged || summaries || examined, grades, reviews };
  }

  async #check(): Promise<void> {
    await this.refresh();
    if ((await this.#checked.refresh(this.#root, this.#files.checked, this.#cache)).length > 0) this.#saveSoon();
  }

  /** `all`: large files that grew a little too. */
  #save(all: boolean): Promise<void> {
    const { rounds: _rounds, ...present } = this.#files;
    return this.#cache.save(this.#scans, new Map(Object.entries(present)), all);
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined;
      this.#refreshing = this.#refreshing.finally(() => this.#save(false));
      this.#refreshing.catch(() => undefined);
    }, SAVE_AFTER_MS).unref();
  }
}

/** Of a hash in hex, the first half. */
function hashNumber(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) | 0;
}

/** Most listed lines of a file. */
const LISTED = 100;

function damagedFile(rows: readonly BadRow[]): DamagedFile {
  const file = rows[0]?.file ?? '';
  const whole = rows.find((row) => row.whole !== undefined);
  if (whole) {
    const { reason } = whole;
    return { file, count: 0, lines: [], whole: reason, ...(whole.whole === 'utf-16' && { utf16: true }) };
  }
  return { file, count: rows.length, lines: rows.slice(0, LISTED).map(({ line, reason }) => ({ line, reason })) };
}
