import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { combineDecisions, combineOverrides } from '../core/export/decision.ts';
import { type Decision, type OverrideOutcome, RoundSummary, type SuspectGoldRecord } from '../core/model/index.ts';
import type { Tally } from '../core/sampling/index.ts';
import { type Cached, IndexCache } from './cache.ts';
import { foldDecision, type ReviewerDecision } from './decisions.ts';
import { errorCode, readJson } from './files.ts';
import { countGrades, type GradeCounts, sumTallies } from './grade-counts.ts';
import {
  ActRow,
  actRow,
  ChainRow,
  chainRow,
  GradeRow,
  gradeRow,
  JudgementRow,
  judgementRow,
  ProblemRow,
  problemRow,
} from './rows.ts';
import { type BadRow, Scan } from './scan.ts';

/** A chain as the index knows it. */
export interface ChainEntry extends ChainRow {
  /** It passed the filters and the quota of its round left it out. */
  quotaDropped: boolean;
  /** The last judgement of this very text; `behaviours` are then counted with it. */
  judgement?: JudgementRow;
}

/** Graded first answers of a problem over all rounds. What could not be graded counts as no attempt. */
export interface PassRate {
  attempts: number;
  successes: number;
}

export interface ChainReview {
  /** Of all reviewers together. */
  decision: Decision;
  /** What all reviewers together say of the final answer; absent while the grader's verdict stands. */
  override?: OverrideOutcome;
  reviewers: ReadonlyMap<string, ReviewerDecision>;
}

/** A problem whose gold answer is doubted, with the round that says so. */
export interface SuspectGold extends SuspectGoldRecord {
  round: string;
}

/** Which parts differ from before a refresh. */
export interface IndexChange {
  problems: boolean;
  chains: boolean;
  grades: boolean;
  reviews: boolean;
}

/** How long changes may wait before they are saved: a kill loses this much of a file that is rebuilt anyway. */
const SAVE_AFTER_MS = 2000;
const PENDING: ChainReview = { decision: 'pending', reviewers: new Map() };

/**
 * Ids, facets and places of all that is in a dataset, never texts; the journals are the truth. `refresh` reads what was appended since the last
 * time. Lines written later replace earlier ones with the same id; of two files, the later one in order of round number or name.
 */
export class DatasetIndex {
  readonly #root: string;
  readonly #cache: IndexCache;
  readonly #problems = new Scan('problems', problemRow);
  readonly #chains = new Scan('chains', chainRow);
  readonly #grades = new Scan('grades', gradeRow);
  readonly #judgements = new Scan('judgements', judgementRow);
  readonly #reviews = new Scan('reviews', actRow);
  readonly #parts: readonly Cached[];
  #files: DatasetFiles = { problems: [], chains: [], grades: [], judgements: [], reviews: [], rounds: [] };
  readonly #summaries = new Map<
    string,
    { stamp: string; dropped: ReadonlySet<string>; suspects: readonly SuspectGoldRecord[] }
  >();
  #loaded = false;
  #refreshing: Promise<IndexChange> = Promise.resolve({
    problems: false,
    chains: false,
    grades: false,
    reviews: false,
  });
  #saveTimer: NodeJS.Timeout | undefined;

  // Views over the scans, made when asked for and dropped when their scan changes.
  #problemView: Map<string, ProblemRow> | undefined;
  #hashView: Map<string, string> | undefined;
  #chainView: Map<string, ChainEntry> | undefined;
  #gradeCounts: GradeCounts | undefined;
  #passRates: Map<string, Tally> | undefined;
  #suspectView: Map<string, SuspectGold> | undefined;
  #actView: Map<string, Map<string, ActRow>> | undefined;
  readonly #reviewView = new Map<string, ChainReview>();

  /** `root`: the dataset folder. `log` hears what goes on behind, such as a saved index that did not fit. */
  constructor(root: string, datasetId: string, log: (text: string) => void = () => {}) {
    this.#root = root;
    this.#cache = new IndexCache(root, datasetId, log);
    this.#parts = [
      { scan: this.#problems, schema: ProblemRow },
      { scan: this.#chains, schema: ChainRow },
      { scan: this.#grades, schema: GradeRow },
      { scan: this.#judgements, schema: JudgementRow },
      { scan: this.#reviews, schema: ActRow },
    ];
  }

  /** All problems in the order of the files. */
  problems(): readonly ProblemRow[] {
    return [...this.#problemRows.values()];
  }

  problem(id: string): ProblemRow | undefined {
    return this.#problemRows.get(id);
  }

  /** The problem whose normalised text has this hash; see problemHash. */
  problemByHash(hash: string): string | undefined {
    this.#hashView ??= new Map(this.problems().map((row) => [row.hash, row.id]));
    return this.#hashView.get(hash);
  }

  /** All chains, rounds in order of their numbers, chains in order of their first lines. */
  chains(): readonly ChainEntry[] {
    return [...this.#chainRows.values()];
  }

  chain(id: string): ChainEntry | undefined {
    return this.#chainRows.get(id);
  }

  /** Names of the round folders, by number. */
  get rounds(): readonly string[] {
    return this.#files.rounds;
  }

  /** Of first answers in dialogue rounds; undefined when none to the problem was graded yet. */
  passRate(problemId: string): PassRate | undefined {
    this.#passRates ??= sumTallies(this.#counts.firsts.values());
    const tally = this.#passRates.get(problemId);
    return tally && tally.attempts > 0 ? { attempts: tally.attempts, successes: tally.successes } : undefined;
  }

  /**
   * What these rounds say of the problems, by id: first answers of dialogue rounds and responses of sampling rounds together. Give it
   * the rounds of one model: how difficult a problem is depends on who solves it.
   */
  tallies(rounds: Iterable<string>): Map<string, Tally> {
    const { firsts, responses } = this.#counts;
    return sumTallies([...rounds].flatMap((round) => [firsts.get(round), responses.get(round)]));
  }

  /** The doubt that a sampling round left about the gold answer of a problem, while nothing has solved it since. */
  suspectGold(problemId: string): SuspectGold | undefined {
    this.#suspectView ??= this.#doubts();
    return this.#suspectView.get(problemId);
  }

  review(chainId: string): ChainReview {
    const known = this.#reviewView.get(chainId);
    if (known) return known;
    const acts = this.acts(chainId);
    if (acts.length === 0) return PENDING;
    const reviewers = new Map<string, ReviewerDecision>();
    for (const reviewer of new Set(acts.map((act) => act.reviewer))) {
      reviewers.set(reviewer, foldDecision(acts.filter((act) => act.reviewer === reviewer)));
    }
    const decision = combineDecisions([...reviewers.values()].map((said) => said.decision));
    const override = combineOverrides([...reviewers.values()].flatMap((said) => said.override ?? []));
    const review = { decision, reviewers, ...(override ? { override } : {}) };
    this.#reviewView.set(chainId, review);
    return review;
  }

  /** The decision of one reviewer, or of all together. */
  decision(chainId: string, reviewer?: string): Decision {
    const review = this.review(chainId);
    return reviewer === undefined ? review.decision : (review.reviewers.get(reviewer)?.decision ?? 'pending');
  }

  /** The word on the final answer of one reviewer, or of all together; undefined while the grader's verdict stands. */
  override(chainId: string, reviewer?: string): OverrideOutcome | undefined {
    const review = this.review(chainId);
    return reviewer === undefined ? review.override : review.reviewers.get(reviewer)?.override;
  }

  /** Acts on a chain in file order, each once: a union merge of git may have doubled lines. */
  acts(chainId: string): ActRow[] {
    if (!this.#actView) {
      this.#actView = new Map();
      for (const row of this.#reviews.rows(this.#files.reviews)) addAct(this.#actView, row);
    }
    return [...(this.#actView.get(chainId)?.values() ?? [])];
  }

  /** Lines of the dataset that could not be used, with the reason. */
  get badLines(): BadRow[] {
    return [this.#problems, this.#chains, this.#grades, this.#judgements, this.#reviews].flatMap((scan) =>
      [...scan.files.values()].flatMap((file) => file.bad),
    );
  }

  /** Reads what is new in the folder. Calls while one runs wait for it and then look again. */
  refresh(): Promise<IndexChange> {
    const next = this.#refreshing.catch(() => undefined).then(() => this.#refresh());
    this.#refreshing = next;
    return next;
  }

  /** Saves what is not yet saved. */
  async close(): Promise<void> {
    await this.#refreshing.catch(() => undefined);
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (this.#loaded) await this.#cache.save(this.#parts);
  }

  get #counts(): GradeCounts {
    this.#gradeCounts ??= countGrades(this.#grades.rows(this.#files.grades));
    return this.#gradeCounts;
  }

  /** Of several rounds that doubt a problem, the latest. */
  #doubts(): Map<string, SuspectGold> {
    const doubts = new Map<string, SuspectGold>();
    for (const round of this.#files.rounds) {
      for (const suspect of this.#summaries.get(round)?.suspects ?? [])
        doubts.set(suspect.problemId, { ...suspect, round });
    }
    if (doubts.size === 0) return doubts;
    const tallies = this.tallies(this.#files.rounds);
    for (const id of doubts.keys()) if ((tallies.get(id)?.successes ?? 0) > 0) doubts.delete(id);
    return doubts;
  }

  get #problemRows(): Map<string, ProblemRow> {
    this.#problemView ??= new Map([...this.#problems.rows(this.#files.problems)].map((row) => [row.id, row]));
    return this.#problemView;
  }

  get #chainRows(): Map<string, ChainEntry> {
    if (!this.#chainView) {
      this.#chainView = new Map();
      for (const row of this.#chains.rows(this.#files.chains)) {
        const quotaDropped = row.passed && (this.#summaries.get(row.round)?.dropped.has(row.id) ?? false);
        this.#chainView.set(row.id, { ...row, quotaDropped });
      }
      for (const row of this.#judgements.rows(this.#files.judgements)) {
        const chain = this.#chainView.get(row.chainId);
        if (chain?.hash !== row.text) continue;
        this.#chainView.set(chain.id, { ...chain, behaviours: row.behaviours, judgement: row });
      }
    }
    return this.#chainView;
  }

  async #refresh(): Promise<IndexChange> {
    if (!this.#loaded) {
      await this.#cache.load(this.#parts);
      this.#loaded = true;
    }
    const files = await listFiles(this.#root);
    this.#files = files;
    const problems = (await this.#problems.refresh(this.#root, files.problems)).length > 0;
    const grades = (await this.#grades.refresh(this.#root, files.grades)).length > 0;
    const chains = (await this.#chains.refresh(this.#root, files.chains)).length > 0;
    const judged = (await this.#judgements.refresh(this.#root, files.judgements)).length > 0;
    const dropped = await this.#readSummaries(files.rounds);
    const reviews = await this.#refreshReviews(files.reviews);
    if (problems) this.#problemView = this.#hashView = undefined;
    if (grades) this.#gradeCounts = this.#passRates = undefined;
    if (grades || dropped) this.#suspectView = undefined;
    if (chains || judged || dropped) this.#chainView = undefined;
    if (problems || chains || grades || judged || reviews) this.#saveSoon();
    return { problems, chains: chains || judged || dropped, grades, reviews };
  }

  async #refreshReviews(files: readonly string[]): Promise<boolean> {
    const changes = await this.#reviews.refresh(this.#root, files);
    for (const { added, replaced } of changes) {
      if (replaced || !this.#actView) {
        this.#actView = undefined;
        this.#reviewView.clear();
        continue;
      }
      for (const row of added) {
        addAct(this.#actView, row);
        this.#reviewView.delete(row.chainId);
      }
    }
    return changes.length > 0;
  }

  async #readSummaries(rounds: readonly string[]): Promise<boolean> {
    let changed = false;
    for (const round of this.#summaries.keys()) {
      if (rounds.includes(round)) continue;
      this.#summaries.delete(round);
      changed = true;
    }
    for (const round of rounds) {
      const path = join(this.#root, 'rounds', round, 'summary.json');
      const stats = await stat(path).catch(() => undefined);
      const stamp = stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
      if ((this.#summaries.get(round)?.stamp ?? '') === stamp) continue;
      const summary = stats ? await readJson(path, RoundSummary) : undefined;
      this.#summaries.set(round, {
        stamp,
        dropped: new Set(summary?.quotaDropped),
        suspects: summary?.sampling?.suspectGold ?? [],
      });
      changed = true;
    }
    return changed;
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined;
      this.#refreshing = this.#refreshing.finally(() => this.#cache.save(this.#parts));
      this.#refreshing.catch(() => undefined);
    }, SAVE_AFTER_MS).unref();
  }
}

interface DatasetFiles {
  problems: string[];
  chains: string[];
  grades: string[];
  judgements: string[];
  reviews: string[];
  rounds: string[];
}

async function listFiles(root: string): Promise<DatasetFiles> {
  const rounds = (await list(join(root, 'rounds'), (entry) => !entry.isFile())).sort(byRoundNumber);
  const inRounds = (file: string): string[] => rounds.map((round) => `rounds/${round}/${file}`);
  const jsonl = (entry: Dirent): boolean => !entry.isDirectory() && entry.name.endsWith('.jsonl');
  const within = async (folder: string): Promise<string[]> =>
    (await list(join(root, folder), jsonl)).sort().map((name) => `${folder}/${name}`);
  return {
    problems: await within('problems'),
    chains: inRounds('chains.jsonl'),
    grades: inRounds('grades.jsonl'),
    judgements: inRounds('judgements.jsonl'),
    reviews: await within('reviews'),
    rounds,
  };
}

/** Hidden names are files in the making. */
async function list(folder: string, wanted: (entry: Dirent) => boolean): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith('.') && wanted(entry)).map((entry) => entry.name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Orders round names by their number, then by name; names without a number come last. */
export function byRoundNumber(a: string, b: string): number {
  const number = (name: string): number => (/^\d+/.test(name) ? Number.parseInt(name, 10) : Number.MAX_SAFE_INTEGER);
  return number(a) - number(b) || (a < b ? -1 : 1);
}

function addAct(view: Map<string, Map<string, ActRow>>, row: ActRow): void {
  const acts = view.get(row.chainId);
  if (!acts) view.set(row.chainId, new Map([[row.id, row]]));
  else if (!acts.has(row.id)) acts.set(row.id, row);
}
