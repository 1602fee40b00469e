import { join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { Dataset } from '../../store/index.ts';
import { setContext } from '../context.ts';
import { DisposableStore } from '../dispose.ts';
import { ActionableError, commandAction, type Reporter } from '../reporter.ts';
import { t } from '../ui/format.ts';
import { showQuickPick } from '../ui/quick-input.ts';
import { type DatasetRef, findContents, findDatasets, SETTINGS_FILE } from './find-datasets.ts';

/** An argument of a command that names a dataset, such as a tree item. */
interface OfDataset {
  ref: DatasetRef;
}

const CURRENT = 'longhand.currentDataset';
/** A running round appends several lines a second; the views update once in this time. */
const SETTLE_MS = 1000;
/** Files that `Rounds` reads, or that the views don't show. */
const NOISE = /(?:^\.|runner\.json$|runner\.log$|runner\.lock$|journal\.jsonl$|\.tmp$)/;

/** The datasets of the workspace, the current one, and their open stores. */
export class Datasets implements vscode.Disposable {
  readonly #scanWorker: string;
  readonly #reporter: Reporter;
  readonly #state: vscode.Memento;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #contentChanged = this.#disposables.add(new vscode.EventEmitter<DatasetRef>());
  readonly #opened = new Map<string, Promise<Dataset>>();
  /** Folders of open datasets with unreadable lines. */
  readonly #damaged = new Set<string>();
  readonly #watchers = new Map<string, vscode.Disposable>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  #refs: readonly DatasetRef[] = [];
  #finding: Promise<void> | undefined;

  /** The list of datasets or the current dataset changed. */
  readonly onDidChange = this.#changed.event;
  /** Files of a dataset changed, and its index has read them. */
  readonly onDidChangeContent = this.#contentChanged.event;

  constructor(extensionPath: string, reporter: Reporter, state: vscode.Memento) {
    this.#scanWorker = join(extensionPath, 'dist', 'scan-worker.mjs');
    this.#reporter = reporter;
    this.#state = state;
    const settings = this.#disposables.add(vscode.workspace.createFileSystemWatcher(`**/${SETTINGS_FILE}`));
    this.#disposables.add(settings.onDidCreate(() => void this.find()));
    this.#disposables.add(settings.onDidDelete(() => void this.find()));
    this.#disposables.add(settings.onDidChange((file) => void this.#settingsChanged(file)));
    this.#disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.find()));
  }

  get all(): readonly DatasetRef[] {
    return this.#refs;
  }

  /** The selected dataset, or the only one. */
  get current(): DatasetRef | undefined {
    const chosen = this.#state.get<string>(CURRENT);
    return this.#refs.find((ref) => ref.folder === chosen) ?? (this.#refs.length === 1 ? this.#refs[0] : undefined);
  }

  /** Resolves after the first search of the workspace. */
  ready(): Promise<void> {
    return this.#finding ?? this.find();
  }

  /** Searches the workspace folders for datasets. */
  find(): Promise<void> {
    this.#finding = this.#find().catch((error: unknown) => {
      void this.#reporter.error(error);
    });
    return this.#finding;
  }

  async select(ref: DatasetRef): Promise<void> {
    await this.#state.update(CURRENT, ref.folder);
    this.#changed.fire();
  }

  /** Opens the store of a dataset once. A failed open is retried by the next call. @throws {StoreError} @throws {ActionableError} for invalid settings. */
  open(ref: DatasetRef): Promise<Dataset> {
    const known = this.#opened.get(ref.folder);
    if (known !== undefined) return known;
    const opening = this.#openStore(ref);
    this.#opened.set(ref.folder, opening);
    opening.catch(() => this.#opened.delete(ref.folder));
    return opening;
  }

  /** Reads what is new in the folder and updates the views, which show errors. */
  async refresh(ref: DatasetRef): Promise<void> {
    try {
      const dataset = await this.#opened.get(ref.folder);
      await dataset?.refresh();
      if (dataset) void this.#noteDamage(ref, dataset);
      await this.#noteContents();
    } catch (error) {
      this.#reporter.log.warn(`${ref.folder}: ${String(error)}`);
    }
    this.#contentChanged.fire(ref);
  }

  /**
   * The dataset of a command: from its argument, the current one, or the one that the user picks.
   *
   * @throws {ActionableError} if there is none. @throws {CancellationError} if none is picked.
   */
  async resolve(argument?: unknown): Promise<DatasetRef> {
    await this.ready();
    if (isOfDataset(argument)) return argument.ref;
    if (this.current !== undefined) return this.current;
    if (this.#refs.length === 0) throw noDataset();
    return this.pick();
  }

  /** As `resolve`, opened, with its files read again. */
  async resolveFresh(argument?: unknown): Promise<{ ref: DatasetRef; dataset: Dataset }> {
    const ref = await this.resolve(argument);
    const dataset = await this.open(ref);
    await dataset.refresh();
    return { ref, dataset };
  }

  /** Refuses the argument of a command that names a dataset which this window has not found: links and other extensions pass anything. */
  async requireKnown(argument: unknown): Promise<void> {
    if (typeof argument !== 'object' || argument === null || !('ref' in argument)) return;
    await this.ready();
    const folder = isOfDataset(argument) ? argument.ref.folder : undefined;
    if (this.#refs.some((ref) => ref.folder === folder)) return;
    throw new ActionableError(t('The command names a dataset that is not in this workspace.'), []);
  }

  /** Asks for the current dataset. */
  async pick(): Promise<DatasetRef> {
    await this.ready();
    if (this.#refs.length === 0) throw noDataset();
    const items = this.#refs.map((ref) => ({ label: ref.name, description: this.pathOf(ref), ref }));
    const picked = await showQuickPick(items, { placeHolder: t('Which dataset?') });
    if (picked === undefined) throw new vscode.CancellationError();
    await this.select(picked.ref);
    return picked.ref;
  }

  /** The dataset that contains a file. */
  containing(file: vscode.Uri): DatasetRef | undefined {
    return this.#refs.find((ref) => file.fsPath.startsWith(ref.folder + sep));
  }

  /** The folder relative to the workspace. */
  pathOf(ref: DatasetRef): string {
    return vscode.workspace.asRelativePath(ref.folder);
  }

  dispose(): void {
    for (const timer of this.#settling.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.dispose();
    for (const folder of this.#opened.keys()) this.#close(folder);
    this.#disposables.dispose();
  }

  async #find(): Promise<void> {
    const roots = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
    const found = await findDatasets(roots.map((folder) => folder.uri.fsPath));
    this.#refs = found.map(({ folder, name }) => ({ folder, name }));
    const folders = new Set(this.#refs.map((ref) => ref.folder));
    for (const folder of this.#opened.keys()) if (!folders.has(folder)) this.#close(folder);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.dispose();
      this.#watchers.delete(folder);
    }
    for (const ref of this.#refs) if (!this.#watchers.has(ref.folder)) this.#watchers.set(ref.folder, this.#watch(ref));
    setContext('longhand.dataset', this.#refs.length === 0 ? 'none' : 'open');
    setContext('longhand.datasets', this.#refs.length > 1 ? 'many' : 'one');
    setContext('longhand.model', found.some(({ hasModel }) => hasModel) ? 'some' : 'none');
    await this.#noteContents();
    this.#changed.fire();
  }

  /** Completes steps of the walkthrough from the files. */
  async #noteContents(): Promise<void> {
    const { problems, exports, evaluations } = await findContents(this.#refs.map(({ folder }) => folder));
    setContext('longhand.problems', problems ? 'some' : 'none');
    setContext('longhand.exports', exports ? 'some' : 'none');
    setContext('longhand.evaluations', evaluations ? 'some' : 'none');
  }

  async #openStore(ref: DatasetRef): Promise<Dataset> {
    const { Dataset, StoreError } = await import('../../store/index.ts');
    try {
      const dataset = await Dataset.open(ref.folder, {
        log: (text) => this.#reporter.log.info(text),
        scanWorker: this.#scanWorker,
      });
      void this.#noteDamage(ref, dataset);
      return dataset;
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'bad-settings') throw badSettings(ref, error);
      throw error;
    }
  }

  /** Enables the repair if an open dataset is damaged. Runs in the background, since it reads the journals. */
  async #noteDamage(ref: DatasetRef, { index }: Dataset): Promise<void> {
    const { folder } = ref;
    const known = index.damaged().length;
    try {
      const found = (await index.findDamage()).length;
      if (found > 0) this.#damaged.add(folder);
      else this.#damaged.delete(folder);
      setContext('longhand.damage', this.#damaged.size === 0 ? 'none' : 'some');
      if (found !== known) this.#contentChanged.fire(ref);
    } catch (error) {
      this.#reporter.log.warn(`${folder}: ${String(error)}`);
    }
  }

  #close(folder: string): void {
    const opened = this.#opened.get(folder);
    this.#opened.delete(folder);
    this.#damaged.delete(folder);
    opened
      ?.then((dataset) => dataset.close())
      .catch((error: unknown) => this.#reporter.log.warn(`${folder}: ${String(error)}`));
  }

  async #settingsChanged(file: vscode.Uri): Promise<void> {
    await this.find();
    const ref = this.containing(file);
    const opened = ref === undefined ? undefined : this.#opened.get(ref.folder);
    if (ref === undefined || opened === undefined) return;
    try {
      await (await opened).reloadSettings();
    } catch (error) {
      // Usually incomplete JSON while typing. The views open the dataset again and show the error.
      this.#reporter.log.warn(String(error));
      this.#close(ref.folder);
    }
    this.#contentChanged.fire(ref);
  }

  #watch(ref: DatasetRef): vscode.Disposable {
    const inFolder = (glob: string) => new vscode.RelativePattern(vscode.Uri.file(ref.folder), glob);
    const pattern = inFolder(
      '{problems/*,reviews/*,rounds/*,rounds/*/*,exports/*,evaluations/*,evaluations/*/scores.json}',
    );
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    // An evaluation begins or ends; while it runs, its lock is touched every few seconds.
    const lock = inFolder('evaluations/*/runner.lock');
    const evaluations = vscode.workspace.createFileSystemWatcher(lock, false, true, false);
    const changed = (file: vscode.Uri) => {
      if (!NOISE.test(file.path.slice(file.path.lastIndexOf('/') + 1))) this.#settle(ref);
    };
    return vscode.Disposable.from(
      watcher,
      evaluations,
      evaluations.onDidCreate(() => this.#settle(ref)),
      evaluations.onDidDelete(() => this.#settle(ref)),
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete(changed),
    );
  }

  #settle(ref: DatasetRef): void {
    if (this.#settling.has(ref.folder)) return;
    const timer = setTimeout(() => {
      this.#settling.delete(ref.folder);
      void this.refresh(ref);
    }, SETTLE_MS);
    this.#settling.set(ref.folder, timer);
  }
}

function isOfDataset(value: unknown): value is OfDataset {
  if (typeof value !== 'object' || value === null || !('ref' in value)) return false;
  const { ref } = value;
  return typeof ref === 'object' && ref !== null && 'folder' in ref && 'name' in ref;
}

function noDataset(): ActionableError {
  return new ActionableError(t('There is no dataset in this workspace.'), [
    commandAction(t('Create Dataset…'), 'longhand.createDataset'),
    commandAction(t('Open Sample Dataset'), 'longhand.openSample'),
  ]);
}

function badSettings(ref: DatasetRef, { message, advice }: Error & { advice: string }): ActionableError {
  const open = () => vscode.commands.executeCommand('longhand.openSettingsFile', { ref });
  return new ActionableError(`${message} ${advice}`, [{ title: t('Open Settings File'), run: open }]);
}
