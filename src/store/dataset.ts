import { randomUUID } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
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
} from '../core/model/index.ts';
import type { RoundStatus } from '../protocol/runner.ts';
import { byRoundNumber, DatasetIndex, type IndexChange } from './dataset-index.ts';
import { StoreError } from './errors.ts';
import { appendLines, errorCode, messageOf, readdirOrNothing, readJson, readLineAt, readText } from './files.ts';
import { writeGitFiles } from './git.ts';
import { linesOf } from './lines.ts';
import { refuseLinks, refuseLinksIn } from './links.ts';
import { type ChainCounts, lockRound, type RoundLock, roundStatus } from './lock.ts';
import { plainName, safeName } from './names.ts';
import { copyDefaultPrompts, readPrompts, readSharedPrompt } from './prompts.ts';
import type { Place } from './rows.ts';
import { parseFile, readSettings, SETTINGS_FILE, writeJson, writeSettings } from './settings.ts';

export interface OpenOptions {
  /** Hears what goes on behind, such as an index that had to be rebuilt. */
  log?: (text: string) => void;
  /** False: the index is not read until the first `refresh`. */
  index?: boolean;
}

export interface CreateOptions extends OpenOptions {
  name?: string;
  /** The folder that holds `prompts/{full,small}/*.md`. */
  mediaFolder: string;
}

/**
 * A dataset folder. Everything that is written is appended or written aside and renamed, by one writer a file. Errors of the folder are
 * StoreErrors; those of the disk come as Node gives them.
 */
export class Dataset {
  readonly folder: string;
  readonly index: DatasetIndex;
  readonly #log: (text: string) => void;
  #settings: DatasetSettings;

  private constructor(folder: string, settings: DatasetSettings, options: OpenOptions) {
    this.folder = folder;
    this.#settings = settings;
    this.#log = options.log ?? (() => undefined);
    this.index = new DatasetIndex(folder, settings.id, options.log);
  }

  /** Throws StoreError `not-a-dataset`, `bad-settings` or `newer-version`. */
  static async open(folder: string, options: OpenOptions = {}): Promise<Dataset> {
    const root = resolve(folder);
    const dataset = new Dataset(root, await readSettings(root), options);
    if (options.index !== false) await dataset.refresh();
    return dataset;
  }

  /** Makes a folder, which may exist and hold other things, a dataset with default settings and prompts. Throws StoreError `already-a-dataset`. */
  static async create(folder: string, options: CreateOptions): Promise<Dataset> {
    const root = resolve(folder);
    if ((await readText(join(root, SETTINGS_FILE))) !== undefined) {
      throw new StoreError('already-a-dataset', `${root} is a dataset already.`, 'Open it, or choose another folder.');
    }
    await mkdir(root, { recursive: true });
    await writeGitFiles(root);
    await copyDefaultPrompts(options.mediaFolder, root);
    const settings = DatasetSettings.parse({ version: 1, id: randomUUID(), name: options.name ?? basename(root) });
    // Last: a creation that broke off leaves no dataset behind, and can be repeated.
    await writeSettings(root, settings);
    return Dataset.open(root, options);
  }

  get settings(): Readonly<DatasetSettings> {
    return this.#settings;
  }

  /** Replaces the given settings in the file as it stands now and returns the result. Throws ZodError for values out of range. */
  async saveSettings(changes: Partial<Omit<DatasetSettings, 'version' | 'id'>>): Promise<DatasetSettings> {
    const settings = DatasetSettings.parse({ ...(await readSettings(this.folder)), ...changes });
    await writeSettings(this.folder, settings);
    this.#settings = settings;
    return settings;
  }

  /** Reads settings that another process or a person may have changed. */
  async reloadSettings(): Promise<DatasetSettings> {
    this.#settings = await readSettings(this.folder);
    return this.#settings;
  }

  /** Reads what is new in the folder. */
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

  /** What judges share over all rounds: their journal. */
  get judgeFolder(): string {
    return join(this.folder, 'judge');
  }

  get judgeJournal(): string {
    return join(this.judgeFolder, 'journal.jsonl');
  }

  promptsFolder(set: PromptSet): string {
    return join(this.folder, 'prompts', set);
  }

  /** Throws StoreError `bad-name`. The folder need not exist. */
  roundFolder(round: string): string {
    return join(this.roundsFolder, plainName(round, 'a round'));
  }

  reviewFile(reviewer: string): string {
    return join(this.folder, 'reviews', `${safeName(reviewer)}.jsonl`);
  }

  /** The texts of a prompt set by file name without `.md`. Throws StoreError `no-prompts`. */
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

  /** The text of a prompt that both sets share, from the default of `mediaFolder` at first. Throws StoreError `symbolic-link`. */
  sharedPrompt(name: string, mediaFolder: string): Promise<string> {
    return readSharedPrompt(mediaFolder, this.folder, name);
  }

  /** Throws StoreError `unknown-problem`. */
  async problem(id: string): Promise<Problem> {
    const problem = await this.#retried(() => this.#readRow(Problem, this.index.problem(id)));
    if (problem) return problem;
    throw new StoreError('unknown-problem', `The dataset has no problem “${id}”.`, 'Was its file removed?');
  }

  /** One ranged read. Throws StoreError `unknown-chain`. */
  async chain(id: string): Promise<Chain> {
    const chain = await this.#retried(() => this.#readRow(Chain, this.index.chain(id)));
    if (chain) return chain;
    throw new StoreError('unknown-chain', `The dataset has no chain “${id}”.`, 'Was its round removed?');
  }

  /** The judgement of a chain's text as it stands now; undefined when nobody has judged it. */
  async judgement(chainId: string): Promise<JudgementLine | undefined> {
    const judged = async (): Promise<JudgementLine | 'none'> => {
      const row = this.index.chain(chainId)?.judgement;
      if (!row) return 'none';
      const line = JudgementLine.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length));
      if (line.chainId !== chainId) throw new RangeError(`${row.file} has another line at byte ${row.offset}`);
      return line;
    };
    const found = await this.#retried(judged);
    return found === 'none' ? undefined : found;
  }

  /** Acts on a chain in file order, of one reviewer or of all. */
  async reviewActs(chainId: string, reviewer?: string): Promise<ReviewAct[]> {
    const acts = await this.#retried(async () => {
      const rows = this.index.acts(chainId).filter((row) => reviewer === undefined || row.reviewer === reviewer);
      return Promise.all(rows.map((row) => this.#readRow(ReviewAct, row)));
    });
    return (acts ?? []).filter((act) => act !== undefined);
  }

  /** Appends an act to its reviewer's file; on disk on return. Throws StoreError `symbolic-link`. */
  async appendReview(act: ReviewAct): Promise<void> {
    const path = this.reviewFile(act.reviewer);
    await refuseLinks(this.folder, path);
    await appendLines(path, [ReviewAct.parse(act)], { sync: true });
  }

  /** Names of the rounds by number, from the folder as it stands now. */
  async rounds(): Promise<string[]> {
    const found: string[] = [];
    for (const name of await readdirOrNothing(this.roundsFolder)) {
      if (name.startsWith('.')) continue;
      if (await stat(join(this.roundsFolder, name, 'plan.json')).catch(() => undefined)) found.push(name);
    }
    return found.sort(byRoundNumber);
  }

  /**
   * The plan of a round. It names the folder that it was read from: a folder that was copied or renamed must not write into the
   * round that its plan was made for. Throws StoreError `unknown-round` or `bad-plan`.
   */
  async roundPlan(round: string): Promise<RoundPlan> {
    const path = join(this.roundFolder(round), 'plan.json');
    const text = await readText(path);
    if (text === undefined) throw unknownRound(round);
    return { ...parseFile(path, text, RoundPlan, 'bad-plan'), round };
  }

  /** One more than the highest round number that the index knows; 0 in a dataset without rounds. */
  nextRoundNumber(): number {
    const numbers = this.index.rounds.map((round) => Number.parseInt(round, 10)).filter(Number.isInteger);
    return Math.max(-1, ...numbers) + 1;
  }

  /** Makes the round's folder with its plan. Throws StoreError `round-exists` or `symbolic-link`. */
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
        `There is a round “${plan.round}” already.`,
        'Plan it again under another name.',
      );
    }
    await writeJson(join(folder, 'plan.json'), RoundPlan.parse(plan));
  }

  /** The folder of a round to write in. Throws StoreError `symbolic-link` when it or a file in it is one. */
  async writableRound(round: string): Promise<string> {
    const folder = this.roundFolder(round);
    await refuseLinksIn(this.folder, folder);
    return folder;
  }

  /** Takes the round for this process; see lockRound. Throws StoreError `symbolic-link` too. */
  async lockRound(round: string): Promise<RoundLock> {
    return lockRound(await this.writableRound(round));
  }

  /** Takes the journal of the judges for this process, as `lockRound` does a round. */
  async lockJudge(): Promise<RoundLock> {
    await refuseLinksIn(this.folder, this.judgeFolder);
    await mkdir(this.judgeFolder, { recursive: true });
    return lockRound(this.judgeFolder, 'judge');
  }

  /** How the rounds stand, with counts from the index. A round without a readable plan is left out, and said in the log. */
  async roundStatuses(): Promise<RoundStatus[]> {
    const counts = new Map<string, ChainCounts>();
    for (const chain of this.index.chains()) {
      const count = counts.get(chain.round) ?? { chains: 0, chainsPassed: 0 };
      count.chains++;
      if (chain.passed) count.chainsPassed++;
      counts.set(chain.round, count);
    }
    const statuses: RoundStatus[] = [];
    for (const round of await this.rounds()) {
      try {
        const count = counts.get(round) ?? { chains: 0, chainsPassed: 0 };
        statuses.push(await roundStatus(this.roundFolder(round), count));
      } catch (error) {
        // One unreadable plan must not hide the other rounds.
        if (!(error instanceof StoreError)) throw error;
        this.#log(`${error.message} ${error.advice}`);
      }
    }
    return statuses;
  }

  /** Throws StoreError `symbolic-link`, as do the three below. */
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

  /** Calls of a round in the order in which they were journaled; none when it has no journal. Lines that cannot be read are passed over. */
  journal(round: string): AsyncGenerator<JournalLine> {
    return linesOf(join(this.roundFolder(round), 'journal.jsonl'), JournalLine);
  }

  /** Paid calls of all judges, as `journal` does those of a round. */
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

  /** The line of a row. Throws when another line stands at its place by now. */
  async #readRow<T extends { id: string }>(
    schema: z.ZodType<T>,
    row: (Place & { id: string }) | undefined,
  ): Promise<T | undefined> {
    if (!row) return undefined;
    const value = schema.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length));
    if (value.id !== row.id) throw new RangeError(`${row.file} has another line at byte ${row.offset}`);
    return value;
  }

  /** Reads by the index. When nothing is found, or a file changed below us, the index looks again, and so do we. */
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
