import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  Chain,
  DatasetSettings,
  GradeLine,
  JournalLine,
  Problem,
  type PromptSet,
  ReviewAct,
  RoundPlan,
  type RoundSummary,
} from '../core/model/index.ts';
import type { RoundStatus } from '../protocol/runner.ts';
import { byRoundNumber, DatasetIndex, type IndexChange } from './dataset-index.ts';
import { StoreError } from './errors.ts';
import { appendLines, errorCode, messageOf, readLineAt, readLines, readText } from './files.ts';
import { writeGitFiles } from './git.ts';
import { lockRound, type RoundLock, roundStatus } from './lock.ts';
import { plainName, safeName } from './names.ts';
import { copyDefaultPrompts, readPrompts } from './prompts.ts';
import type { Place } from './rows.ts';
import { type Parser, parseFile, readSettings, SETTINGS_FILE, writeJson, writeSettings } from './settings.ts';

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
  #settings: DatasetSettings;

  private constructor(folder: string, settings: DatasetSettings, options: OpenOptions) {
    this.folder = folder;
    this.#settings = settings;
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

  /** Throws StoreError `unknown-problem`. */
  async problem(id: string): Promise<Problem> {
    const problem = await this.#read(
      Problem,
      () => this.index.problem(id),
      (value) => value.id === id,
    );
    if (!problem)
      throw new StoreError('unknown-problem', `The dataset has no problem “${id}”.`, 'Was its file removed?');
    return problem;
  }

  /** One ranged read. Throws StoreError `unknown-chain`. */
  async chain(id: string): Promise<Chain> {
    const chain = await this.#read(
      Chain,
      () => this.index.chain(id),
      (value) => value.id === id,
    );
    if (!chain) throw new StoreError('unknown-chain', `The dataset has no chain “${id}”.`, 'Was its round removed?');
    return chain;
  }

  /** All problems in the order of the index. */
  async *problems(): AsyncGenerator<Problem> {
    // File by file: a ranged read for each of thousands of problems would open its file as often.
    for (const file of new Set(this.index.problems().map((row) => row.file))) {
      for await (const line of readLines(join(this.folder, file))) {
        const problem = 'error' in line ? undefined : Problem.safeParse(line.value).data;
        const row = problem && this.index.problem(problem.id);
        if (row && row.file === file && row.offset === line.offset) yield problem;
      }
    }
  }

  /** Acts on a chain in file order, of one reviewer or of all. */
  async reviewActs(chainId: string, reviewer?: string): Promise<ReviewAct[]> {
    const acts: ReviewAct[] = [];
    for (const row of this.index.acts(chainId)) {
      if (reviewer !== undefined && row.reviewer !== reviewer) continue;
      acts.push(ReviewAct.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length)));
    }
    return acts;
  }

  /** Appends an act to its reviewer's file; on disk on return. */
  async appendReview(act: ReviewAct): Promise<void> {
    await appendLines(this.reviewFile(act.reviewer), [ReviewAct.parse(act)], { sync: true });
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

  /** Throws StoreError `unknown-round` or `bad-plan`. */
  async roundPlan(round: string): Promise<RoundPlan> {
    const path = join(this.roundFolder(round), 'plan.json');
    const text = await readText(path);
    if (text === undefined) throw unknownRound(round);
    return parseFile(path, text, RoundPlan, 'bad-plan');
  }

  /** One more than the highest round number that the index knows; 0 in a dataset without rounds. */
  nextRoundNumber(): number {
    const numbers = this.index.rounds.map((round) => Number.parseInt(round, 10)).filter(Number.isInteger);
    return Math.max(-1, ...numbers) + 1;
  }

  /** Makes the round's folder with its plan. Throws StoreError `round-exists`. */
  async createRound(plan: RoundPlan): Promise<void> {
    const folder = this.roundFolder(plan.round);
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

  /** Takes the round for this process; see lockRound. */
  lockRound(round: string): Promise<RoundLock> {
    return lockRound(this.roundFolder(round));
  }

  /** How the rounds stand, with counts from the index. */
  async roundStatuses(): Promise<RoundStatus[]> {
    const counts = new Map<string, { chains: number; chainsPassed: number }>();
    for (const chain of this.index.chains()) {
      const count = counts.get(chain.round) ?? { chains: 0, chainsPassed: 0 };
      count.chains++;
      if (chain.passed) count.chainsPassed++;
      counts.set(chain.round, count);
    }
    const statuses: RoundStatus[] = [];
    for (const round of await this.rounds()) {
      statuses.push(await roundStatus(this.roundFolder(round), counts.get(round) ?? { chains: 0, chainsPassed: 0 }));
    }
    return statuses;
  }

  appendChains(round: string, chains: readonly Chain[]): Promise<void> {
    return appendLines(join(this.roundFolder(round), 'chains.jsonl'), chains);
  }

  /** On disk on return: a call that was paid for is not paid for again after a power cut. */
  appendJournal(round: string, lines: readonly JournalLine[]): Promise<void> {
    return appendLines(join(this.roundFolder(round), 'journal.jsonl'), lines, { sync: true });
  }

  appendGrades(round: string, lines: readonly GradeLine[]): Promise<void> {
    return appendLines(join(this.roundFolder(round), 'grades.jsonl'), lines);
  }

  writeSummary(round: string, summary: RoundSummary): Promise<void> {
    return writeJson(join(this.roundFolder(round), 'summary.json'), summary);
  }

  /** Calls of a round in the order in which they were journaled; none when it has no journal. Lines that cannot be read are passed over. */
  journal(round: string): AsyncGenerator<JournalLine> {
    return linesOf(join(this.roundFolder(round), 'journal.jsonl'), JournalLine);
  }

  grades(round: string): AsyncGenerator<GradeLine> {
    return linesOf(join(this.roundFolder(round), 'grades.jsonl'), GradeLine);
  }

  /** All lines of a round's chains; a later one with the same id replaces an earlier one. */
  chainLines(round: string): AsyncGenerator<Chain> {
    return linesOf(join(this.roundFolder(round), 'chains.jsonl'), Chain);
  }

  async #read<T extends { id: string }>(
    schema: { parse(value: unknown): T },
    find: () => Place | undefined,
    fits: (value: T) => boolean,
  ): Promise<T | undefined> {
    // The file may have been replaced below us: then the index says so at the next look.
    for (const secondTry of [false, true]) {
      const row = find();
      try {
        const value = row && schema.parse(await readLineAt(join(this.folder, row.file), row.offset, row.length));
        if (value && fits(value)) return value;
      } catch (error) {
        if (secondTry)
          throw new StoreError(
            'changed-below',
            `${row?.file} changed while it was read: ${messageOf(error)}`,
            'Try again when nothing writes to it.',
          );
      }
      if (!secondTry) await this.refresh();
    }
    return undefined;
  }
}

function unknownRound(round: string): StoreError {
  return new StoreError('unknown-round', `The dataset has no round “${round}”.`, '“longhand status” lists its rounds.');
}

async function* linesOf<T>(path: string, schema: Parser<T>): AsyncGenerator<T> {
  try {
    for await (const line of readLines(path)) {
      const data = 'error' in line ? undefined : schema.safeParse(line.value).data;
      if (data !== undefined) yield data;
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function readdirOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
