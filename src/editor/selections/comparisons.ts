import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { ComparisonProgress } from '../../protocol/selections.ts';
import type { StoredComparison } from '../../store/selections/comparisons.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { DisposableStore } from '../dispose.ts';

/** A comparison of selections in the Datasets view. */
export interface ComparisonNode {
  kind: 'comparison';
  ref: DatasetRef;
  stored: StoredComparison;
  /** Absent where it has a result, or its files can't be read. */
  progress?: ComparisonProgress;
}

const POLL_MS = 2000;

/** The comparisons of a dataset, each without a result with how far it is. The store is loaded on demand. */
export async function listComparisons(ref: DatasetRef): Promise<ComparisonNode[]> {
  const { listComparisons: stored, progressOf } = await import('../../store/selections/comparisons.ts');
  const node = async (one: StoredComparison): Promise<ComparisonNode> => {
    const progress = one.result ? undefined : await progressOf(one).catch(() => undefined);
    return { kind: 'comparison', ref, stored: one, ...defined({ progress }) };
  };
  return Promise.all((await stored(ref.folder)).map(node));
}

/** Follows the comparisons that the Datasets view shows until they end, whichever process runs them. */
export class Comparisons implements vscode.Disposable {
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<ComparisonNode | undefined>());
  /** Those that run, by dataset. */
  readonly #running = new Map<string, readonly ComparisonNode[]>();
  #poll: NodeJS.Timeout | undefined;

  /** A comparison has finished a step; undefined where one began or ended. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    // Other windows and terminals start comparisons too. For a new folder, VS Code does not report its files.
    const watcher = this.#disposables.add(
      vscode.workspace.createFileSystemWatcher('**/comparisons{,/*,/*/runner.lock}', false, true, false),
    );
    this.#disposables.add(watcher.onDidCreate(() => this.#changed.fire(undefined)));
    this.#disposables.add(watcher.onDidDelete(() => this.#changed.fire(undefined)));
  }

  async of(ref: DatasetRef): Promise<ComparisonNode[]> {
    const nodes = await listComparisons(ref);
    this.#running.set(
      ref.folder,
      nodes.filter(({ progress }) => progress?.isRunning),
    );
    this.#schedule();
    return nodes;
  }

  dispose(): void {
    clearTimeout(this.#poll);
    this.#running.clear();
    this.#disposables.dispose();
  }

  #schedule(): void {
    clearTimeout(this.#poll);
    const followed = [...this.#running.values()].flat();
    if (followed.length > 0) this.#poll = setTimeout(() => void this.#look(followed), POLL_MS);
  }

  async #look(followed: readonly ComparisonNode[]): Promise<void> {
    const { progressOf } = await import('../../store/selections/comparisons.ts');
    for (const node of followed) {
      const progress = await progressOf(node.stored).catch(() => undefined);
      if (!progress?.isRunning) {
        // The view asks for all of them again.
        this.#running.clear();
        this.#changed.fire(undefined);
        return;
      }
      const isSame = progress.steps.done === node.progress?.steps.done;
      node.progress = progress;
      if (!isSame) this.#changed.fire(node);
    }
    this.#schedule();
  }
}
