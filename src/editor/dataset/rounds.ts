import * as vscode from 'vscode';
import { isGenerated } from '../../core/dataset/round-kind.ts';
import type { RoundStatus } from '../../protocol/runner.ts';
import { setContext } from '../context.ts';
import { DisposableStore } from '../dispose.ts';
import type { Reporter } from '../reporter.ts';
import type { Datasets } from './datasets.ts';
import type { DatasetRef } from './find-datasets.ts';

/** A round in the Datasets view, and the argument of commands about it. */
export interface RoundNode {
  kind: 'round';
  ref: DatasetRef;
  round: string;
}

export const roundNode = (ref: DatasetRef, round: string): RoundNode => ({ kind: 'round', ref, round });

/** The argument as the tree item of a round, or undefined. */
export function roundOfNode(value: unknown): RoundNode | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'round') return undefined;
  if (!('ref' in value) || !('round' in value) || typeof value.round !== 'string') return undefined;
  return value as RoundNode;
}

/** A round and the dataset it belongs to. */
export interface RoundOf {
  ref: DatasetRef;
  status: RoundStatus;
}

/** A runner writes its state about twice a second. */
const POLL_MS = 1000;
const RESUMABLE: ReadonlySet<RoundStatus['state']> = new Set(['planned', 'interrupted', 'cancelled', 'failed']);

/** Whether a round stopped before its end and can be resumed. */
export const isResumable = (status: RoundStatus): boolean => isGenerated(status.kind) && RESUMABLE.has(status.state);

/**
 * The status of the rounds of all datasets. A round runs in its own process and writes its state to a file, which this reads, so that
 * any window can follow it.
 */
export class Rounds implements vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #reporter: Reporter;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #ended = this.#disposables.add(new vscode.EventEmitter<RoundOf>());
  readonly #byFolder = new Map<string, readonly RoundStatus[]>();
  readonly #since = new Date().toISOString();
  readonly #notified = new Set<string>();
  #poll: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  /** A run of a round ended. */
  readonly onDidEnd = this.#ended.event;

  constructor(datasets: Datasets, reporter: Reporter) {
    this.#datasets = datasets;
    this.#reporter = reporter;
    this.#disposables.add(datasets.onDidChange(() => void this.refresh()));
    this.#disposables.add(datasets.onDidChangeContent((ref) => void this.refresh(ref)));
    // One watcher for all datasets: it wakes the poll when another process starts a round.
    const watcher = this.#disposables.add(vscode.workspace.createFileSystemWatcher('**/rounds/*/runner.json'));
    const seen = (file: vscode.Uri) => {
      if (this.#poll === undefined) void this.refresh(datasets.containing(file));
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

  /** Updates the status of the rounds of one dataset or of all. */
  refresh(only?: DatasetRef): Promise<void> {
    this.#refreshing = this.#refreshing
      .then(() => this.#refresh(only))
      .catch((error: unknown) => this.#reporter.log.warn(String(error)));
    return this.#refreshing;
  }

  dispose(): void {
    clearTimeout(this.#poll);
    this.#poll = undefined;
    this.#disposables.dispose();
  }

  async #refresh(only: DatasetRef | undefined): Promise<void> {
    const before = new Set(this.running.map(runOf));
    const known = new Set(this.#datasets.all.map((ref) => ref.folder));
    for (const folder of this.#byFolder.keys()) if (!known.has(folder)) this.#byFolder.delete(folder);
    const refs = only === undefined ? this.#datasets.all : [only];
    let moved = false;
    for (const ref of refs.filter(({ folder }) => known.has(folder))) {
      const statuses = await this.#read(ref);
      // On some network disks, file watching does not work.
      if (writtenChains(statuses) !== writtenChains(this.of(ref))) void this.#datasets.refresh(ref);
      moved ||= JSON.stringify(statuses) !== JSON.stringify(this.#byFolder.get(ref.folder));
      this.#byFolder.set(ref.folder, statuses);
    }
    this.#schedule();
    setContext('longhand.rounds', this.all.length > 0 ? 'some' : 'none');
    setContext('longhand.generated', this.all.some(({ status }) => isGenerated(status.kind)) ? 'some' : 'none');
    setContext('longhand.round', this.running.length > 0 ? 'running' : 'idle');
    setContext('longhand.resumable', this.resumable.length > 0 ? 'some' : 'none');
    if (moved) this.#changed.fire();
    for (const round of this.all) this.#notifyEnd(round, before);
  }

  /** Fires once per run that was seen running, or that started and ended between two refreshes of this window. */
  #notifyEnd(round: RoundOf, before: ReadonlySet<string>): void {
    const { state, runner } = round.status;
    const run = runOf(round);
    if (state === 'running' || runner === undefined || this.#notified.has(run)) return;
    this.#notified.add(run);
    if (before.has(run) || runner.startedAt >= this.#since) this.#ended.fire(round);
  }

  async #read(ref: DatasetRef): Promise<RoundStatus[]> {
    try {
      const dataset = await this.#datasets.open(ref);
      const statuses = await dataset.roundStatuses();
      // Counts are from the index, which is behind a run that just ended. The notification must have the final counts.
      const ended = statuses.some(
        (status) => status.runner && status.state !== 'running' && !this.#notified.has(runOf({ ref, status })),
      );
      if (!ended) return statuses;
      await dataset.refresh();
      return await dataset.roundStatuses();
    } catch (error) {
      // The tree shows the error.
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
      void this.refresh();
    }, POLL_MS);
  }
}

/** Identifies one run of a round. */
const runOf = ({ ref, status }: RoundOf): string =>
  [ref.folder, status.round, status.runner?.startedAt, status.runner?.pid].join('\n');

/** Chains written, as reported by the runners. */
function writtenChains(statuses: readonly RoundStatus[]): number {
  return statuses.reduce((sum, { runner }) => sum + (runner?.chains ?? 0), 0);
}
