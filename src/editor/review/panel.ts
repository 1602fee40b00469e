import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { messageWithAdvice } from '../../core/errors.ts';
import type { Query } from '../../core/query/query.ts';
import { ACTS_ON_SPANS } from '../../core/review/index.ts';
import type { ReviewAction } from '../../protocol/keys.ts';
import {
  EditDraft,
  FromReader,
  type ReadFile,
  type SavedReview,
  type Snapshot,
  type ToReader,
} from '../../protocol/review.ts';
import { setContext } from '../context.ts';
import { REVIEW_VIEW } from '../contributions/index.ts';
import { isCancel, unlessCancelled } from '../reporter.ts';
import { count, counted, t } from '../ui/format.ts';
import { showErrorMessage } from '../ui/notify.ts';
import { plainText } from '../ui/plain-text.ts';
import { WebviewPage } from '../ui/webview-page.ts';
import { ChainContinuing, type RunContinue } from './continuing.ts';
import { clauseLabel } from './facet-names.ts';
import type { ReviewSource } from './session.ts';
import { type DeadEnd, ReviewSession, type SessionView } from './session.ts';

/** The editor functions of the panel. */
export interface ReviewServices {
  /** Root of the extension, above `dist/`. */
  readonly extension: vscode.Uri;
  /** Folder of the dataset, or the file; saved in the state of the panel. */
  readonly dataset: vscode.Uri;
  readonly source: ReviewSource;
  /** For a file that is read where it is. */
  readonly file?: FileActs;
  /** Stores unfinished edits when the panel is closed. */
  readonly drafts: vscode.Memento;
  /** Shows the journal lines or the file of a chain. */
  openJournal(chainId: string): Promise<void>;
  /** Lets a model continue a chain; absent for a file. */
  readonly continueChain?: RunContinue;
  /** Estimates the values of a chain's steps, after a choice; absent for a file. @returns what to announce, if anything was done */
  readonly stepValues?: (chainId: string) => Promise<string | undefined>;
  /** Opens the problem of a chain in the prompt workbench. */
  tryProblem(chainId: string): Promise<void>;
  /** Asks for another query. */
  filter(): Promise<void>;
  /** Grades a chain again, without a model call. The source has the new verdict when this resolves. */
  regrade(chainId: string): Promise<void>;
  /** After each act on spans. */
  labelled(): void;
  log(message: string): void;
}

/** What the reader shows and does of a file. */
interface FileActs {
  facts(): ReadFile;
  chooseColumns(): Promise<void>;
  goToRow(): Promise<void>;
  makeDataset(): Promise<void>;
  /** The chain that is shown, to open the file there again. */
  shown(chainId: string): void;
}

/** The review reader, a thin shell around `ReviewSession`: one panel per window for datasets, and one for each open file. */
export class ReviewPanel {
  static #current: ReviewPanel | undefined;
  /** The panel that had the focus last. */
  static #active: ReviewPanel | undefined;

  /** The panel of a dataset. */
  static get current(): ReviewPanel | undefined {
    return ReviewPanel.#current;
  }

  /** The panel that commands act on. */
  static get active(): ReviewPanel | undefined {
    return ReviewPanel.#active ?? ReviewPanel.#current;
  }

  /** Shows a file in the panel of its custom editor, at a chain or the first one. */
  static showFile(panel: vscode.WebviewPanel, services: ReviewServices, chainId: string | undefined): ReviewPanel {
    return new ReviewPanel(panel, services, chainId);
  }

  /** Opens the reader at a chain, or at the first one of the queue. Without a chain, an open reader is revealed and keeps its place. */
  static show(services: ReviewServices, chainId?: string): ReviewPanel {
    const open = ReviewPanel.#current;
    if (open !== undefined && open.#services.dataset.toString() === services.dataset.toString()) {
      open.#page.reveal();
      void (chainId === undefined ? open.refilter() : open.#start(chainId));
      return open;
    }
    open?.dispose();
    return new ReviewPanel(undefined, services, chainId);
  }

  /** Restores a panel. */
  static revive(panel: vscode.WebviewPanel, services: ReviewServices, state: SavedReview): ReviewPanel {
    ReviewPanel.#current?.dispose();
    return new ReviewPanel(panel, services, state.chainId);
  }

  readonly #page: WebviewPage<FromReader, ToReader>;
  readonly #services: ReviewServices;
  readonly #session: ReviewSession;
  #ack = 0;
  /** Content of the last snapshot. If it is unchanged, only numbers are sent. */
  #sent = '';
  /** Palette commands from before the reader was ready. */
  readonly #waiting: ReviewAction[] = [];
  readonly #continuing: ChainContinuing | undefined;
  readonly #regrading = new Set<string>();
  #isMeasuring = false;
  /** The comparison that the reader shows, and the content of its last message. */
  #comparing: { chainIds: readonly string[]; columns: number; sent: string } | undefined;
  /** Why the current row of a file can't be shown. */
  #trouble: string | undefined;
  #refreshing = false;
  #stale = false;

  private constructor(panel: vscode.WebviewPanel | undefined, services: ReviewServices, chainId: string | undefined) {
    this.#services = services;
    this.#session = new ReviewSession(services.source, { id: () => randomUUID(), at: () => new Date().toISOString() });
    this.#continuing =
      services.continueChain &&
      new ChainContinuing(services.continueChain, {
        post: (message) => this.#page.post(message),
        announce: (text, tone) => this.#page.post({ type: 'announce', text, tone }),
        isCancel,
      });
    if (services.file === undefined) ReviewPanel.#current = this;
    this.#page = new WebviewPage<FromReader, ToReader>({
      extension: services.extension,
      bundle: 'review',
      viewType: REVIEW_VIEW,
      title: t('Longhand Review'),
      panel,
      schema: FromReader,
      receive: (message) => this.#handle(message),
      shown: () => this.#sendSnapshot(),
      stateChanged: () => this.#setActive(this.#page.panel.active),
      gone: () => this.#gone(),
      fail: (error) => this.#showError(error),
      log: services.log,
    });
    this.#page.add(services.source.onDidChange(() => this.#sourceChanged()));
    this.#setActive(this.#page.panel.active);
    void this.#start(chainId);
  }

  /** Performs an action; a hidden reader is shown first. */
  perform(action: ReviewAction): void {
    if (!this.#page.panel.visible || !this.#page.ready) {
      this.#waiting.push(action);
      this.#page.reveal();
      return;
    }
    this.#page.post({ type: 'perform', action });
  }

  /** Shows a chain when it is found, whatever the query. A cancelled search changes nothing. */
  goTo(finding: Promise<string | undefined>): Promise<void> {
    return this.#page.guard(async () => {
      const chainId = await unlessCancelled(finding);
      if (chainId === undefined) return;
      const deadEnd = await this.#session.go({ chainId });
      if (deadEnd !== undefined) this.#page.post({ type: 'announce', text: deadEnd, tone: 'warning' });
      await this.#sendSnapshot();
    });
  }

  dispose(): void {
    this.#page.dispose();
  }

  async #start(chainId: string | undefined): Promise<void> {
    await this.#page.guard(async () => {
      await this.#session.open(chainId);
      await this.#sendSnapshot();
    });
  }

  /** After a change of the query. */
  refilter(): Promise<void> {
    return this.#page.guard(async () => {
      await this.#session.refilter();
      await this.#sendSnapshot();
    });
  }

  #gone(): void {
    this.#continuing?.stop();
    this.#setActive(false);
    if (ReviewPanel.#active === this) ReviewPanel.#active = undefined;
    if (ReviewPanel.#current === this) ReviewPanel.#current = undefined;
  }

  /** The palette has the reader's commands only while one has the focus. */
  #setActive(active: boolean): void {
    // Of two readers, the one that gets the focus may report it before the other one loses it.
    if (!active && ReviewPanel.#active !== this) return;
    if (active) ReviewPanel.#active = this;
    setContext('longhand.reviewActive', active);
  }

  /** A running round changes files twice a second: one refresh at a time, and another one after changes meanwhile. */
  #sourceChanged(): void {
    this.#stale = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    void this.#page.guard(async () => {
      try {
        while (this.#stale) {
          this.#stale = false;
          await this.#session.refresh();
          await this.#sendSnapshot(true);
        }
      } finally {
        this.#refreshing = false;
      }
    });
  }

  async #handle(message: Exclude<FromReader, { type: 'focused' | 'failed' }>): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ack = 0;
        this.#comparing = undefined;
        await this.#sendSnapshot();
        for (const action of this.#waiting.splice(0)) this.#page.post({ type: 'perform', action });
        return;
      case 'act':
        await this.#move(message.seq, () => this.#session.act(message.chainId, message.act, message.textKey));
        if (ACTS_ON_SPANS.has(message.act.act)) this.#services.labelled();
        return;
      case 'undo':
        return this.#move(message.seq, () => this.#session.undo());
      case 'redo':
        return this.#move(message.seq, () => this.#session.redo());
      case 'go':
        return this.#move(message.seq, () => this.#session.go(message.to));
      case 'removeFilter':
        return this.#move(message.seq, async () => {
          this.#services.source.removeClause(message.clause);
          await this.#session.refilter();
          return undefined;
        });
      case 'decide':
        return this.#move(message.seq, () => this.#session.decide(message.decisions));
      case 'compare': {
        const { chainIds, columns } = message;
        this.#comparing = chainIds.length === 0 ? undefined : { chainIds, columns, sent: '' };
        return this.#sendCompared();
      }
      case 'phases': {
        // The reader waits for an answer, also for a chain that is gone.
        const runs = (await this.#session.phases(message.chainId)) ?? [];
        this.#page.post({ type: 'phases', request: message.request, runs });
        return;
      }
      case 'regrade':
        return this.#regrade(message.chainId);
      case 'continue':
        return this.#continue(message.chainId, message.at);
      case 'stepValues':
        return this.#stepValues(message.chainId);
      case 'stopContinuing':
        return this.#continuing?.stop();
      case 'takeContinuation':
        return this.#takeContinuation(message.how, message.index);
      case 'openJournal':
        return this.#services.openJournal(message.chainId);
      case 'filter':
        return this.#services.filter();
      case 'tryProblem':
        return this.#services.tryProblem(message.chainId);
      case 'columns':
        await this.#services.file?.chooseColumns();
        return this.refilter();
      case 'goToRow':
        return this.#services.file?.goToRow();
      case 'makeDataset':
        return this.#services.file?.makeDataset();
      case 'draft':
        await this.#services.drafts.update(this.#draftKey(message.chainId), message.draft ?? undefined);
        return;
    }
  }

  async #continue(chain: string, at: number): Promise<void> {
    if (this.#isMeasured()) return;
    if (this.#continuing) return this.#continuing.start({ chain, at, reviewer: this.#services.source.reviewer });
    this.#page.post({ type: 'announce', text: t('Make a dataset of the file first.'), tone: 'warning' });
  }

  async #takeContinuation(how: 'keep' | 'write', index: number): Promise<void> {
    if (this.#isMeasured()) return;
    await this.#continuing?.take(how, index);
    await this.#session.refresh();
    await this.#sendSnapshot();
  }

  async #stepValues(chainId: string): Promise<void> {
    const { stepValues } = this.#services;
    if (stepValues === undefined) {
      this.#page.post({ type: 'announce', text: t('Make a dataset of the file first.'), tone: 'warning' });
      return;
    }
    if (this.#isMeasured()) return;
    if (this.#continuing?.isRunning) {
      const text = t('Wait until the continuations have ended, or stop them.');
      this.#page.post({ type: 'announce', text, tone: 'warning' });
      return;
    }
    this.#isMeasuring = true;
    const text = await stepValues(chainId).finally(() => {
      this.#isMeasuring = false;
    });
    if (text === undefined) return;
    await this.#session.refresh();
    await this.#sendSnapshot();
    this.#page.post({ type: 'announce', text, tone: 'info' });
  }

  /** Whether step values are being estimated: they and continuations share a round, which has one writer. */
  #isMeasured(): boolean {
    const text = t('Step values are being estimated. Wait until they are known, or cancel.');
    if (this.#isMeasuring) this.#page.post({ type: 'announce', text, tone: 'warning' });
    return this.#isMeasuring;
  }

  async #regrade(chainId: string): Promise<void> {
    const outcome = async (): Promise<string | undefined> =>
      (await this.#services.source.item(chainId))?.chain.verdict.outcome;
    if (this.#regrading.has(chainId)) return;
    this.#regrading.add(chainId);
    const before = await outcome();
    try {
      await this.#services.regrade(chainId);
    } finally {
      this.#regrading.delete(chainId);
    }
    await this.#session.refresh();
    await this.#sendSnapshot();
    const after = await outcome();
    const text =
      before === after
        ? t('Graded again: {0}, as before.', after ?? '')
        : t('Graded again: {0}, was {1}.', after ?? '', before ?? '');
    this.#page.post({ type: 'announce', text, tone: 'info' });
  }

  async #move(seq: number, move: () => Promise<DeadEnd>): Promise<void> {
    try {
      const deadEnd = await move();
      if (deadEnd !== undefined) this.#page.post({ type: 'announce', text: deadEnd, tone: 'warning' });
    } finally {
      // Also after an act that could not be written: the snapshot resets the reader.
      this.#ack = Math.max(this.#ack, seq);
      await this.#sendSnapshot();
    }
  }

  async #sendSnapshot(onlyChanges = false): Promise<void> {
    if (!this.#page.ready) return;
    await this.#sendView(onlyChanges);
    await this.#sendCompared(onlyChanges);
  }

  /** Sends the samples that are compared, if any. */
  async #sendCompared(onlyChanges = false): Promise<void> {
    const comparing = this.#comparing;
    if (comparing === undefined) return;
    const found = await this.#session.compared(comparing.chainIds, comparing.columns);
    // Meanwhile the reader asked for others.
    if (comparing !== this.#comparing) return;
    if (found === undefined) {
      this.#comparing = undefined;
      this.#page.post({ type: 'announce', text: 'That chain is no longer in the dataset.', tone: 'warning' });
      return;
    }
    const sent = JSON.stringify(found);
    if (onlyChanges && sent === comparing.sent) return;
    this.#comparing = { ...comparing, chainIds: found.items.map(({ chain }) => chain.id), sent };
    this.#page.post({ type: 'compared', ack: this.#ack, ...found });
  }

  async #sendView(onlyChanges: boolean): Promise<void> {
    const view = await this.#view(onlyChanges);
    const content = contentOf(view) + (this.#trouble ?? '');
    const { position, total, all, counts, pace } = view;
    if (this.#services.file === undefined) this.#setTitle(view);
    else if (view.item !== null) this.#services.file.shown(view.item.chain.id);
    if (onlyChanges && content === this.#sent) {
      this.#page.post({ type: 'progress', position, total, all, counts, ...defined({ pace }), ...this.#fileFacts() });
      return;
    }
    this.#sent = content;
    this.#page.post(this.#snapshot(view));
  }

  /** Without a readable chain, the reader is empty, and keys still go to other chains. */
  async #view(onlyChanges: boolean): Promise<SessionView> {
    this.#trouble = undefined;
    try {
      return await this.#session.view();
    } catch (error) {
      const view = await this.#session.blank();
      if (this.#services.file !== undefined) {
        // A row that can't be read is common in a file: the reason takes the place of its text.
        this.#trouble = messageWithAdvice(error);
        return view;
      }
      // A running round refreshes twice a second; the same error is shown once.
      if (!onlyChanges || contentOf(view) !== this.#sent) this.#showError(error);
      return view;
    }
  }

  #snapshot(view: SessionView): Snapshot {
    return {
      type: 'snapshot',
      ack: this.#ack,
      ...view,
      reviewer: this.#services.source.reviewer,
      dataset: this.#services.dataset.toString(),
      filters: this.#services.source.query.map((clause) => ({ clause, label: clauseLabel(clause) })),
      draft: view.item === null ? undefined : this.#draft(view.item.chain.id),
      ...this.#fileFacts(),
    };
  }

  #fileFacts(): { file?: ReadFile } {
    const facts = this.#services.file?.facts();
    return defined({ file: facts && { ...facts, ...defined({ trouble: facts.trouble ?? this.#trouble }) } });
  }

  #setTitle({ total, all }: SessionView): void {
    this.#page.setTitle(readerTitle(this.#services.source.query, total, all));
  }

  #draft(chainId: string): EditDraft | undefined {
    const draft = EditDraft.safeParse(this.#services.drafts.get(this.#draftKey(chainId)));
    return draft.success ? draft.data : undefined;
  }

  #draftKey(chainId: string): string {
    return `longhand.draft:${this.#services.dataset.toString()}:${chainId}`;
  }

  #showError(error: unknown): void {
    const text = messageWithAdvice(error);
    this.#services.log(`Review: ${text}`);
    if (this.#page.ready) this.#page.post({ type: 'announce', text, tone: 'error' });
    else void showErrorMessage(t('Longhand Review: {0}', text));
  }
}

/** Title of the reader's tab: `Longhand Review: Class: FT · 8 of 35`, or `3 filters` in place of a name. */
function readerTitle(filters: Query, total: number, all: number): string {
  const [first, ...others] = filters;
  if (first === undefined) return t('Longhand Review');
  const named =
    others.length === 0 ? plainText(clauseLabel(first)) : counted(filters.length, '{0} filter', '{0} filters');
  return t('Longhand Review: {0} · {1} of {2}', named, count(total), count(all));
}

const contentOf = ({ item, next, previous }: SessionView): string => JSON.stringify([item, next, previous]);
