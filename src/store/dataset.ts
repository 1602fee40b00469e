import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import type { Query } from '../core/query/query.ts';
import {
  Chain,
  DatasetSettings,
  GradeLine,
  JournalLine,
  JudgeCall,
  JudgementLine,
  Problem,
  type PromptSet,
  ReviewAct,
  RoundPlan,
  RoundSummary,
} from '../core/schemas/index.ts';
import type { RoundStatus } from '../protocol/runner.ts';
import type { StepValues } from '../protocol/step-values.ts';
import type { Lock } from '../system/lock.ts';
import { exists } from '../system/regular-file.ts';
import { FoundChains } from './chain-index/chain-table.ts';
import { DatasetIndex, type IndexChange } from './chain-index/dataset-index.ts';
import { queryPositions } from './chain-index/dataset-query.ts';
import { NO_TALLY } from './chain-index/grade-counts.ts';
import type { HasText, Sort } from './chain-index/query.ts';
import { textHash } from './chain-index/rows.ts';
import type { Place } from './chain-index/segment.ts';
import { TextSearch } from './chain-index/text-search.ts';
import { StoreError } from './errors.ts';
import { writeGitFiles } from './git.ts';
import { appendLines, errorCode, linesOf, readJson, readLineAt, readText } from './lines/files.ts';
import { StepValuesFiles } from './lines/step-values.ts';
import { refuseLinks, refuseLinksIn } from './links.ts';
import { lockRound, roundStatus } from './lock.ts';
import { nextNumber, numberedNames, plainName, safeName } from './names.ts';
import { copyDefaultPrompts, readPrompts, readSharedPrompt } from './prompts.ts';
import { parseFile, readSettings, SETTINGS_FILE, writeJson, writeSettings } from './settings.ts';

export interface OpenOptions {
  /** Receives background messages, such as a rebuilt index. */
  log?: (text: string) => void;
  /** False: the index is not read until the first `refresh`. */
  index?: boolean;
  /** The script of the threads that read large files and search texts, in dist/. Without it, this thread does both. */
  scanWorker?: string;
}

export interface CreateOptions extends OpenOptions {
  name?: string;
  /** The folder with `prompts/{full,small}/*.md`. */
  mediaFolder: string;
}

/**
 * A dataset folder. Files are appended to or replaced atomically, each by one writer. Problems of the folder are StoreErrors, those of the disk Node's
 * errors.
 */
export class Dataset {
  readonly folder: string;
  readonly index: DatasetIndex;
  readonly #log: (text: string) => void;
  readonly #search: TextSearch;
  readonly #stepValues = new StepValuesFiles();
  #settings: DatasetSettings;

  private constructor(folder: string, settings: DatasetSettings, options: OpenOptions) {
    this.folder = folder;
    this.#settings = settings;
    this.#log = options.log ?? (() => undefined);
    this.index = new DatasetIndex(folder, settings.id, options.log, options.scanWorker);
    this.#search = new TextSearch(folder, this.index, options.scanWorker);
  }

  /** @throws StoreError `not-a-dataset`, `bad-settings` or `newer-version`. */
  static async open(folder: string, options: OpenOptions = {}): Promise<Dataset> {
    const root = resolve(folder);
    const dataset = new Dataset(root, await readSettings(root), options);
    if (options.index !== false) await dataset.refresh();
    return dataset;
  }

  /** Creates a dataset with default settings and prompts in a folder, which may exist. @throws StoreError `already-a-dataset` */
  static async create(folder: string, options: CreateOptions): Promise<Dataset> {
    const root = resolve(folder);
    if ((await readText(join(root, SETTINGS_FILE))) !== undefined) {
      throw new StoreError('already-a-dataset', `${root} is already a dataset.`, 'Open it, or choose another folder.');
    }
    await mkdir(root, { recursive: true });
    await writeGitFiles(root);
    await copyDefaultPrompts(options.mediaFolder, root);
    const settings = DatasetSettings.parse({ version: 1, id: randomUUID(), name: options.name ?? basename(root) });
    // Written last, so that an interrupted creation can be repeated.
    await writeSettings(root, settings);
    return Dataset.open(root, options);
  }

  get settings(): Readonly<DatasetSettings> {
    return this.#settings;
  }

  /** Changes settings in the current file and returns the result. @throws ZodError for values out of range */
  async saveSettings(changes: Partial<Omit<DatasetSettings, 'version' | 'id'>>): Promise<DatasetSettings> {
    const settings = DatasetSettings.parse({ ...(await readSettings(this.folder)), ...changes });
    await writeSettings(this.folder, settings);
    this.#settings = settings;
    return settings;
  }

  /** Reads the settings again, since another process or the user may have changed them. */
  async reloadSettings(): Promise<DatasetSettings> {
    this.#settings = await readSettings(this.folder);
    return this.#settings;
  }

  /** Reads new lines in the folder. */
  refresh(): Promise<IndexChange> {
    return this.index.refresh();
  }

  /** Saves the index. */
  close(): Promise<void> {
    return this.index.close();
  }

  get problemsFolder(): string {
    return join(this.folder, 'problems');
  }

  get exportsFolder(): string {
    return join(this.folder, 'exports');
  }

  get roundsFolder(): string {
    return join(this.folder, 'rounds');
  }

  /** The folder of the judges' journal, shared by all rounds. */
  get judgeFolder(): string {
    return join(this.folder, 'judge');
  }

  get judgeJournal(): string {
    return join(this.judgeFolder, 'journal.jsonl');
  }

  /** The journal of judges of answers. */
  get answerJournal(): string {
    return join(this.judgeFolder, 'answers.jsonl');
  }

  promptsFolder(set: PromptSet): string {
    return join(this.folder, 'prompts', set);
  }

  /** The folder may not exist. @throws StoreError `bad-name` */
  roundFolder(round: string): string {
    return join(this.roundsFolder, plainName(round, 'a round'));
  }

  reviewFile(reviewer: string): string {
    return join(this.folder, 'reviews', `${safeName(reviewer)}.jsonl`);
  }

  /** The texts of a prompt set by file name without `.md`. @throws StoreError `no-prompts` */
  async prompts(set: PromptSet = this.#settings.promptSet): Promise<Record<string, string>> {
    try {
      return await readPrompts(this.promptsFolder(set));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      throw new StoreError(
        'no-prompts',
        `${this.promptsFolder(set)} is missing.`,
        'Restore it, or choose the other prompt set.',
      );
    }
  }

  /** The text of a prompt that both sets share; see readSharedPrompt. @throws StoreError `symbolic-link` */
  sharedPrompt(name: string, mediaFolder: string): Promise<string> {
    return readSharedPrompt(mediaFolder, this.folder, name);
  }

  /**
   * The chains of a query, as `queryPositions`, after a search of the texts that the query asks for. The search reads only chains that match all other clauses.
   * @throws UserError `slow-pattern`; the reason of an aborted signal
   */
  async find(
    query: Query,
    { as, sort, signal }: { as?: string | undefined; sort?: Sort | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<FoundChains> {
    const hasText = await this.searchTexts(query, { as, signal });
    return new FoundChains(this.index.chainTable, queryPositions(this.index, query, { as, hasText }, sort));
  }

  /** As `find`: decides the text clauses of a query, for `countFacets` as well. */
  searchTexts(
    query: Query,
    options: { as?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<HasText> {
    const rest = query.filter(({ op }) => op !== '~');
    const isSearched = rest.length < query.length;
    const chains = isSearched && new FoundChains(this.index.chainTable, queryPositions(this.index, rest, options));
    return this.#search.search(query, chains || [], options);
  }

  /** @throws StoreError `unknown-problem`. */
  async problem(id: string): Promise<Problem> {
    const problem = await this.#retried(() => this.#readRow(Problem, this.index.problem(id)));
    if (problem) return problem;
    throw new StoreError('unknown-problem', `The dataset has no problem “${id}”.`, 'Was its file removed?');
  }

  /** @throws StoreError `unknown-chain`. */
  async chain(id: string): Promise<Chain> {
    const chain = await this.#retried(() => this.#readRow(Chain, this.index.chain(id)));
    if (chain) return chain;
    throw new StoreError('unknown-chain', `The dataset has no chain “${id}”.`, 'Was its round removed?');
  }

  /** The judgement of a chain's current text; undefined when there is none. */
  async judgement(chainId: string): Promise<JudgementLine | undefined> {
    const judged = async (): Promise<JudgementLine | 'none'> => {
      const row = this.index.chain(chainId)?.judgement;
      if (!row) return 'none';
      const line = JudgementLine.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length));
      if (line.chainId !== chainId) throw new RangeError(`${row.file} has a different line at byte ${row.offset}`);
      return line;
    };
    const found = await this.#retried(judged);
    return found === 'none' ? undefined : found;
  }

  /** The latest step values of a text of a chain, its own or an edited one, whichever model they are of. */
  stepValues({ id, text }: Pick<Chain, 'id' | 'text'>): Promise<StepValues | undefined> {
    return this.#stepValues.of(
      this.index.rounds.map((round) => join(this.roundsFolder, round)),
      id,
      textHash(text),
    );
  }

  /** Acts on a chain in file order, of one reviewer or of all. */
  async reviewActs(chainId: string, reviewer?: string): Promise<ReviewAct[]> {
    const acts = await this.#retried(async () => {
      const rows = this.index.acts(chainId).filter((row) => reviewer === undefined || row.reviewer === reviewer);
      return Promise.all(rows.map((row) => this.#readRow(ReviewAct, row)));
    });
    return (acts ?? []).filter((act) => act !== undefined);
  }

  /** Appends an act to its reviewer's file and flushes it to disk. @throws StoreError `symbolic-link` */
  appendReview(act: ReviewAct): Promise<void> {
    return this.appendReviews([act]);
  }

  /** Appends acts of one reviewer in one write, and flushes them to disk. @throws StoreError `symbolic-link` */
  async appendReviews(acts: readonly ReviewAct[]): Promise<void> {
    const [first] = acts;
    if (first === undefined) return;
    const path = this.reviewFile(first.reviewer);
    await refuseLinks(this.folder, path);
    await appendLines(path, z.array(ReviewAct).parse(acts), { sync: true });
  }

  /** Current names of the rounds, by number. */
  async rounds(): Promise<string[]> {
    const found: string[] = [];
    for (const name of await numberedNames(this.roundsFolder)) {
      if (await exists(join(this.roundsFolder, name, 'plan.json'))) found.push(name);
    }
    return found;
  }

  /**
   * The plan of a round, with the name of its folder: a copied or renamed folder must not write into the original round.
   * @throws StoreError `unknown-round` or `bad-plan`.
   */
  async roundPlan(round: string): Promise<RoundPlan> {
    const path = join(this.roundFolder(round), 'plan.json');
    const text = await readText(path);
    if (text === undefined) throw unknownRound(round);
    return { ...parseFile(path, text, RoundPlan, 'bad-plan'), round };
  }

  /** One more than the highest round number in the index; 0 without rounds. */
  nextRoundNumber(): number {
    return nextNumber(this.index.rounds, 0);
  }

  /** Creates the round's folder with its plan. @throws StoreError `round-exists` or `symbolic-link` */
  async createRound(plan: RoundPlan): Promise<void> {
    const folder = this.roundFolder(plan.round);
    await refuseLinks(this.folder, this.roundsFolder);
    await mkdir(this.roundsFolder, { recursive: true });
    try {
      await mkdir(folder);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      throw new StoreError(
        'round-exists',
        `Round “${plan.round}” already exists.`,
        'Plan it again under another name.',
      );
    }
    await writeJson(join(folder, 'plan.json'), RoundPlan.parse(plan));
  }

  /** The folder of a round for writing. @throws StoreError `symbolic-link` when it or a file in it is one */
  async writableRound(round: string): Promise<string> {
    const folder = this.roundFolder(round);
    await refuseLinksIn(this.folder, folder);
    return folder;
  }

  /** Locks the round for this process; see lockRound. @throws StoreError `locked` or `symbolic-link` */
  async lockRound(round: string): Promise<Lock> {
    return lockRound(await this.writableRound(round));
  }

  /** Locks the journal of the judges, as `lockRound` does a round. */
  async lockJudge(): Promise<Lock> {
    await refuseLinksIn(this.folder, this.judgeFolder);
    await mkdir(this.judgeFolder, { recursive: true });
    return lockRound(this.judgeFolder, 'judge');
  }

  /** The status of the rounds with counts from the index. Rounds without a readable plan are only logged. */
  async roundStatuses(): Promise<RoundStatus[]> {
    const counts = this.index.chainTallies();
    const statuses: RoundStatus[] = [];
    for (const round of await this.rounds()) {
      try {
        const tally = { ...(counts.get(round) ?? NO_TALLY), answers: this.index.answerCounts(round) };
        statuses.push(await roundStatus(this.roundFolder(round), tally));
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        this.#log(`${error.message} ${error.advice}`);
      }
    }
    return statuses;
  }

  /** @throws StoreError `symbolic-link`, as the methods below. */
  async appendChains(round: string, chains: readonly Chain[]): Promise<void> {
    await appendLines(await this.#roundFile(round, 'chains.jsonl'), chains);
  }

  async appendGrades(round: string, lines: readonly GradeLine[]): Promise<void> {
    await appendLines(await this.#roundFile(round, 'grades.jsonl'), lines);
  }

  async appendJudgements(round: string, lines: readonly JudgementLine[]): Promise<void> {
    await appendLines(await this.#roundFile(round, 'judgements.jsonl'), lines, { sync: true });
  }

  /** Undefined for a round that has not ended. */
  summary(round: string): Promise<RoundSummary | undefined> {
    return readJson(join(this.roundFolder(round), 'summary.json'), RoundSummary);
  }

  async writeSummary(round: string, summary: RoundSummary): Promise<void> {
    await writeJson(await this.#roundFile(round, 'summary.json'), summary);
  }

  /** The valid lines of a round's journal in order. */
  journal(round: string): AsyncGenerator<JournalLine> {
    return linesOf(join(this.roundFolder(round), 'journal.jsonl'), JournalLine);
  }

  /** The valid lines of the judges' journal. */
  judgeCalls(): AsyncGenerator<JudgeCall> {
    return linesOf(this.judgeJournal, JudgeCall);
  }

  grades(round: string): AsyncGenerator<GradeLine> {
    return linesOf(join(this.roundFolder(round), 'grades.jsonl'), GradeLine);
  }

  /** All lines of a round's chains; a later one with the same id replaces an earlier one. */
  chainLines(round: string): AsyncGenerator<Chain> {
    return linesOf(join(this.roundFolder(round), 'chains.jsonl'), Chain);
  }

  async #roundFile(round: string, name: string): Promise<string> {
    const path = join(this.roundFolder(round), name);
    await refuseLinks(this.folder, path);
    return path;
  }

  /** The line of a row. @throws when there is another line now */
  async #readRow<T extends { id: string }>(
    schema: z.ZodType<T>,
    row: (Place & { id: string }) | undefined,
  ): Promise<T | undefined> {
    if (!row) return undefined;
    const value = schema.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length));
    if (value.id !== row.id) throw new RangeError(`${row.file} has a different line at byte ${row.offset}`);
    return value;
  }

  /** Reads by the index, and again after a refresh when nothing is found or a file has changed. */
  async #retried<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = await read().catch(() => undefined);
    if (found !== undefined) return found;
    await this.refresh();
    try {
      return await read();
    } catch (error) {
      const changed = `A file of the dataset changed while it was read: ${messageOf(error)}.`;
      throw new StoreError('changed-below', changed, 'Try again when nothing writes to it.');
    }
  }
}

function unknownRound(round: string): StoreError {
  return new StoreError('unknown-round', `The dataset has no round “${round}”.`, '“longhand status” lists its rounds.');
}
