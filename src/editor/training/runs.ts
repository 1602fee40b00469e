import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { RunReport } from '../../protocol/training.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { setContext } from '../context.ts';
import type { Datasets } from '../dataset/datasets.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { DisposableStore } from '../dispose.ts';
import type { Reporter } from '../reporter.ts';
import type { Verbs } from '../verbs.ts';
import type { EngineKeys } from './engine-keys.ts';
import { isBeingSent, isLive, isResumableRun, isStoppable } from './run-state.ts';
import { type RunList, storedRuns } from './stored-runs.ts';

/** A run and the dataset it belongs to. */
export interface RunOf {
  ref: DatasetRef;
  report: RunReport;
}

/** Milliseconds until an engine that did not answer is asked again. */
const RETRY_MS = 30_000;
/** Milliseconds until an engine that does not list a new run yet is asked again. */
const SOON_MS = 3_000;
/** Files of several runs change together; they are read once. */
const SETTLE_MS = 500;

/**
 * The status of the runs of all datasets. Runs belong to their engine and not to the window: a verb follows each active run until it ends,
 * in any window.
 */
export class Runs implements vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #reporter: Reporter;
  readonly #verbs: Verbs;
  readonly #keys: EngineKeys;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #ended = this.#disposables.add(new vscode.EventEmitter<RunOf>());
  readonly #byFolder = new Map<string, RunList>();
  /** Followed runs by dataset and run. */
  readonly #followed = new Map<string, AbortController>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  #refreshing: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;
  /** A followed run ended. */
  readonly onDidEnd = this.#ended.event;

  constructor(datasets: Datasets, verbs: Verbs, keys: EngineKeys, reporter: Reporter) {
    this.#datasets = datasets;
    this.#verbs = verbs;
    this.#keys = keys;
    this.#reporter = reporter;
    this.#disposables.add(datasets.onDidChange(() => void this.refresh()));
    this.#disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.refresh()));
    // Starting or resuming a run, also in a terminal, changes one of these. For a new folder, VS Code does not report its files.
    const watcher = this.#disposables.add(
      vscode.workspace.createFileSystemWatcher('**/runs{,/*,/*/run.json,/*/attempts.jsonl}'),
    );
    const seen = (file: vscode.Uri) => this.#settle(datasets.containing(file));
    for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) {
      this.#disposables.add(event(seen));
    }
  }

  /** The runs of one dataset, oldest first. */
  of(ref: DatasetRef): readonly RunReport[] {
    return this.#byFolder.get(ref.folder)?.runs ?? [];
  }

  /** Runs of a dataset that can't be read. */
  broken(ref: DatasetRef): RunList['broken'] {
    return this.#byFolder.get(ref.folder)?.broken ?? [];
  }

  get all(): RunOf[] {
    return this.#datasets.all.flatMap((ref) => this.of(ref).map((report) => ({ ref, report })));
  }

  get live(): RunOf[] {
    return this.all.filter(({ report }) => isLive(report));
  }

  /** Updates the status of the runs of one dataset or of all. */
  refresh(only?: DatasetRef): Promise<void> {
    this.#refreshing = this.#refreshing.then(() => this.#refresh(only)).catch((error: unknown) => this.#warn(error));
    return this.#refreshing;
  }

  dispose(): void {
    for (const timer of this.#settling.values()) clearTimeout(timer);
    for (const following of this.#followed.values()) following.abort();
    this.#followed.clear();
    this.#disposables.dispose();
  }

  async #refresh(only: DatasetRef | undefined): Promise<void> {
    const known = new Set(this.#datasets.all.map(({ folder }) => folder));
    for (const folder of this.#byFolder.keys()) if (!known.has(folder)) this.#byFolder.delete(folder);
    const refs = only === undefined ? this.#datasets.all : [only];
    for (const ref of refs.filter(({ folder }) => known.has(folder))) {
      this.#byFolder.set(ref.folder, await this.#read(ref));
      for (const report of this.of(ref)) {
        if (isLive(report)) this.#follow(ref, report);
        if (isBeingSent(report, Date.now())) this.#settle(ref, SOON_MS);
      }
    }
    this.#publish();
  }

  /** From the engines; from the files if there are no runs, or if the folder is not trusted. */
  async #read(ref: DatasetRef): Promise<RunList> {
    const stored = await storedRuns(ref.folder);
    if (stored.runs.length === 0 || !vscode.workspace.isTrusted) return stored;
    try {
      const access = await this.#keys.of(stored.runs.map(({ engine }) => engine));
      return await this.#verbs.run('runs', { dataset: ref.folder }, { access });
    } catch (error) {
      this.#warn(error);
      return stored;
    }
  }

  /** Follows a run until it ends. */
  #follow(ref: DatasetRef, report: RunReport): void {
    const key = `${ref.folder}\n${report.run}`;
    if (this.#followed.has(key) || !vscode.workspace.isTrusted) return;
    const following = new AbortController();
    this.#followed.set(key, following);
    void this.#attach(ref, report, following.signal)
      .catch((error: unknown) => {
        if (!following.signal.aborted) this.#warn(error);
        return undefined;
      })
      .then((last) => {
        this.#followed.delete(key);
        if (following.signal.aborted) return;
        if (last !== undefined && !isLive(last)) {
          this.#replace(ref, last);
          this.#ended.fire({ ref, report: last });
        } else {
          // The engine does not answer: the status is unknown.
          this.#settle(ref, RETRY_MS);
        }
      });
  }

  async #attach(ref: DatasetRef, { run, engine }: RunReport, signal: AbortSignal): Promise<RunReport> {
    const access = await this.#keys.of([engine]);
    const args = { dataset: ref.folder, run, follow: true, lines: 0 };
    const onProgress = ({ done, total }: { done: number; total?: number | undefined }): void => {
      const report = this.of(ref).find((one) => one.run === run);
      if (report === undefined || (report.step === done && report.state === 'running')) return;
      this.#replace(ref, { ...report, state: 'running', step: done, ...defined({ total }) });
    };
    const { report }: VerbResult<'run'> = await this.#verbs.run('run', args, { access, signal, onProgress });
    return report;
  }

  #replace(ref: DatasetRef, report: RunReport): void {
    const runs = this.of(ref).map((one) => (one.run === report.run ? report : one));
    this.#byFolder.set(ref.folder, { runs, broken: this.broken(ref) });
    this.#publish();
  }

  #publish(): void {
    const { all } = this;
    setContext('longhand.trainings', all.some(({ report }) => report.kind === 'train') ? 'some' : 'none');
    setContext('longhand.run', all.some(({ report }) => isStoppable(report)) ? 'running' : 'idle');
    setContext('longhand.resumableRun', all.some(({ report }) => isResumableRun(report)) ? 'some' : 'none');
    this.#changed.fire();
  }

  #settle(ref: DatasetRef | undefined, after = SETTLE_MS): void {
    if (ref === undefined) return;
    // A file change shortens a longer wait.
    if (after > SETTLE_MS && this.#settling.has(ref.folder)) return;
    clearTimeout(this.#settling.get(ref.folder));
    const timer = setTimeout(() => {
      this.#settling.delete(ref.folder);
      void this.refresh(ref);
    }, after);
    this.#settling.set(ref.folder, timer);
  }

  #warn(error: unknown): void {
    this.#reporter.log.warn(String(error));
  }
}
