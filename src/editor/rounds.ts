import * as vscode from 'vscode';
import { isGenerated } from '../core/model/index.ts';
import type { RoundStatus } from '../protocol/runner.ts';
import { setContext } from './context.ts';
import type { Datasets } from './datasets.ts';
import { DisposableStore } from './dispose.ts';
import type { DatasetRef } from './find-datasets.ts';
import type { Reporter } from './reporter.ts';

/** A round and the dataset it belongs to. */
export interface RoundOf {
  ref: DatasetRef;
  status: RoundStatus;
}

/** A runner writes its state about twice a second; looking once a second shows every change soon enough. */
const POLL_MS = 1000;
const RESUMABLE: ReadonlySet<RoundStatus['state']> = new Set(['planned', 'interrupted', 'cancelled', 'failed']);

/** Whether a round stopped before its end and can go on. */
export const isResumable = (status: RoundStatus): boolean => isGenerated(status.kind) && RESUMABLE.has(status.state);

/**
 * How the rounds of all datasets stand. A round runs in a process of its own and leaves its state in a file; this attaches to it by
 * reading that file, so a window that opens later finds it as well as the one that began it.
 */
export class Rounds implements vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #reporter: Reporter;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #ended = this.#disposables.add(new vscode.EventEmitter<RoundOf>());
  readonly #byFolder = new Map<string, readonly RoundStatus[]>();
  readonly #since = new Date().toISOString();
  readonly #told = new Set<string>();
  #poll: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  /** A run of a round has ended, in whatever way. */
  readonly onDidEnd = this.#ended.event;

  constructor(datasets: Datasets, reporter: Reporter) {
    this.#datasets = datasets;
    this.#reporter = reporter;
    this.#disposables.add(datasets.onDidChange(() => void this.look()));
    this.#disposables.add(datasets.onDidChangeContent((ref) => void this.look(ref)));
    // One watcher for all datasets: it wakes the poll when another process starts a round.
    const watcher = this.#disposables.add(vscode.workspace.createFileSystemWatcher('**/rounds/*/runner.json'));
    const seen = (file: vscode.Uri) => {
      if (this.#poll === undefined) void this.look(datasets.containing(file));
    };
    this.#disposables.add(watcher.onDidCreate(seen));
    this.#disposables.add(watcher.onDidChange(seen));
  }

  /** The rounds of one dataset, by number. */
  of(ref: DatasetRef): readonly RoundStatus[] {
    return this.#byFolder.get(ref.folder) ?? [];
  }

  /** All rounds of all datasets. */
  get all(): RoundOf[] {
    return this.#datasets.all.flatMap((ref) => this.of(ref).map((status) => ({ ref, status })));
  }

  get running(): RoundOf[] {
    return this.all.filter(({ status }) => status.state === 'running');
  }

  get resumable(): RoundOf[] {
    return this.all.filter(({ status }) => isResumable(status));
  }

  /** Reads how the rounds of one dataset, or of all, stand. */
  look(only?: DatasetRef): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#look(only))
      .catch((error: unknown) => this.#reporter.log.warn(String(error)));
    return this.#looking;
  }

  dispose(): void {
    clearTimeout(this.#poll);
    this.#poll = undefined;
    this.#disposables.dispose();
  }

  async #look(only: DatasetRef | undefined): Promise<void> {
    const before = new Set(this.running.map(runOf));
    const known = new Set(this.#datasets.all.map((ref) => ref.folder));
    for (const folder of this.#byFolder.keys()) if (!known.has(folder)) this.#byFolder.delete(folder);
    const refs = only === undefined ? this.#datasets.all : [only];
    let moved = false;
    for (const ref of refs.filter(({ folder }) => known.has(folder))) {
      const statuses = await this.#read(ref);
      // Where file watching does not reach, as on some network disks, the index follows by this.
      if (writtenChains(statuses) !== writtenChains(this.of(ref))) void this.#datasets.refresh(ref);
      moved ||= JSON.stringify(statuses) !== JSON.stringify(this.#byFolder.get(ref.folder));
      this.#byFolder.set(ref.folder, statuses);
    }
    this.#schedule();
    setContext('longhand.round', this.running.length > 0 ? 'running' : 'idle');
    setContext('longhand.resumable', this.resumable.length > 0 ? 'some' : 'none');
    if (moved) this.#changed.fire();
    for (const round of this.all) this.#tellEnd(round, before);
  }

  /** Tells an end once: of a run that was seen running, or that began and ended between two looks of this window. */
  #tellEnd(round: RoundOf, before: ReadonlySet<string>): void {
    const { state, runner } = round.status;
    const run = runOf(round);
    if (state === 'running' || runner === undefined || this.#told.has(run)) return;
    this.#told.add(run);
    if (before.has(run) || runner.startedAt >= this.#since) this.#ended.fire(round);
  }

  async #read(ref: DatasetRef): Promise<RoundStatus[]> {
    try {
      const dataset = await this.#datasets.open(ref);
      const statuses = await dataset.roundStatuses();
      // Counts are the index's, which is behind a run that has only just ended; its end is told with what is true.
      const ended = statuses.some(
        (status) => status.runner && status.state !== 'running' && !this.#told.has(runOf({ ref, status })),
      );
      if (!ended) return statuses;
      await dataset.refresh();
      return await dataset.roundStatuses();
    } catch (error) {
      // The tree says what is wrong with the dataset itself.
      this.#reporter.log.warn(`${ref.folder}: ${String(error)}`);
      return [];
    }
  }

  #schedule(): void {
    clearTimeout(this.#poll);
    this.#poll = undefined;
    if (this.running.length === 0) return;
    this.#poll = setTimeout(() => {
      this.#poll = undefined;
      void this.look();
    }, POLL_MS);
  }
}

/** Tells a run from an earlier one of the same round. */
const runOf = ({ ref, status }: RoundOf): string =>
  [ref.folder, status.round, status.runner?.startedAt, status.runner?.pid].join('\n');

/** Chains that runners say they have written. */
function writtenChains(statuses: readonly RoundStatus[]): number {
  return statuses.reduce((sum, { runner }) => sum + (runner?.chains ?? 0), 0);
}
