import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { z } from 'zod';
import type { ReviewAction } from '../../protocol/keys.ts';
import { EditDraft, FromReader, SavedFacet, type Snapshot, type ToReader } from '../../protocol/review.ts';
import { setContext } from '../context.ts';
import { REVIEW_VIEW } from '../contributions/index.ts';
import { adviceOf } from '../reporter.ts';
import { reviewHtml, webviewRoot } from './html.ts';
import { type DeadEnd, ReviewSession, type SessionView } from './session.ts';
import type { ReviewSource } from './source.ts';

/** What the panel needs of the editor around it. */
export interface ReviewServices {
  /** Root of the extension, above `dist/`. */
  readonly extension: vscode.Uri;
  /** Folder of the dataset; goes into the saved state of the panel. */
  readonly dataset: vscode.Uri;
  readonly source: ReviewSource;
  /** Unfinished edits live here, so that closing the panel loses none; `context.workspaceState` will do. */
  readonly drafts: vscode.Memento;
  /** Shows the journal lines or the file that a chain was made from. */
  openJournal(chainId: string): Promise<void>;
  /** Takes the chain's problem to the prompt workbench. */
  tryProblem(chainId: string): Promise<void>;
  /** Grades the chain again, without a model call; the source has the new verdict when this resolves. */
  regrade(chainId: string): Promise<void>;
  log(message: string): void;
}

/** What a panel keeps over a reload of the window. */
export const SavedReview = z.object({
  dataset: z.string(),
  facet: SavedFacet.optional(),
  chainId: z.string().optional(),
});
type SavedReview = z.infer<typeof SavedReview>;

/** The review reader: one panel per window, a thin shell around `ReviewSession`. */
export class ReviewPanel implements vscode.Disposable {
  static #current: ReviewPanel | undefined;

  /** The open reader. */
  static get current(): ReviewPanel | undefined {
    return ReviewPanel.#current;
  }

  /** Opens the reader at the head of the queue; one that is open already is brought forward. */
  static show(services: ReviewServices): ReviewPanel {
    const open = ReviewPanel.#current;
    if (open !== undefined && open.#services.dataset.toString() === services.dataset.toString()) {
      open.#panel.reveal();
      void open.#start(undefined);
      return open;
    }
    open?.dispose();
    const panel = vscode.window.createWebviewPanel(
      REVIEW_VIEW,
      vscode.l10n.t('Longhand Review'),
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [webviewRoot(services.extension)] },
    );
    return new ReviewPanel(panel, services, undefined);
  }

  /** Brings back the panel of an earlier window. `state` comes from the reader and is checked by the caller with `SavedReview`. */
  static revive(panel: vscode.WebviewPanel, services: ReviewServices, state: SavedReview): ReviewPanel {
    ReviewPanel.#current?.dispose();
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(services.extension)] };
    return new ReviewPanel(panel, services, state.chainId);
  }

  readonly #panel: vscode.WebviewPanel;
  readonly #services: ReviewServices;
  readonly #session: ReviewSession;
  readonly #subscriptions: vscode.Disposable[] = [];
  #ready = false;
  #ack = 0;
  /** Content of the last snapshot, to send only numbers while nothing else moves. */
  #sent = '';
  /** Palette commands that came before the reader was there. */
  readonly #waiting: ReviewAction[] = [];
  /** Chains that are being graded again. */
  readonly #regrading = new Set<string>();
  #refreshing = false;
  #stale = false;

  private constructor(panel: vscode.WebviewPanel, services: ReviewServices, chainId: string | undefined) {
    this.#panel = panel;
    this.#services = services;
    this.#session = new ReviewSession(services.source, { id: () => randomUUID(), at: () => new Date().toISOString() });
    ReviewPanel.#current = this;
    this.#subscriptions.push(
      panel.onDidDispose(() => this.#gone()),
      panel.onDidChangeViewState(() => this.#viewStateChanged()),
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      new vscode.Disposable(disposer(services.source.onDidChange(() => this.#sourceChanged()))),
    );
    this.#setActive(panel.active);
    panel.webview.html = reviewHtml(panel.webview, services.extension);
    void this.#start(chainId);
  }

  /** Does what the key of the action does; a hidden reader is shown first. */
  perform(action: ReviewAction): void {
    if (!this.#panel.visible || !this.#ready) {
      this.#waiting.push(action);
      this.#panel.reveal();
      return;
    }
    this.#post({ type: 'perform', action });
  }

  dispose(): void {
    this.#panel.dispose();
  }

  async #start(chainId: string | undefined): Promise<void> {
    await this.#guard(async () => {
      await this.#session.open(chainId);
      await this.#sendSnapshot();
    });
  }

  #gone(): void {
    if (ReviewPanel.#current === this) {
      ReviewPanel.#current = undefined;
      this.#setActive(false);
    }
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#ready = false;
  }

  #viewStateChanged(): void {
    this.#setActive(this.#panel.active);
    if (!this.#panel.visible) return;
    // Messages to a hidden webview are lost: whatever happened meanwhile goes over whole.
    if (this.#ready) void this.#guard(() => this.#sendSnapshot());
  }

  /** Keeps the commands of the keys out of the palette while the reader has not the focus. */
  #setActive(active: boolean): void {
    setContext('longhand.reviewActive', active);
  }

  /** A running round changes files twice a second; one refresh at a time, and one more when something came meanwhile. */
  #sourceChanged(): void {
    this.#stale = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    void this.#guard(async () => {
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

  async #receive(message: unknown): Promise<void> {
    const parsed = FromReader.safeParse(message);
    if (!parsed.success) {
      this.#services.log(`The reader sent a message that does not fit: ${z.prettifyError(parsed.error)}`);
      return;
    }
    await this.#guard(() => this.#handle(parsed.data));
  }

  async #handle(message: FromReader): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#ack = 0;
        await this.#sendSnapshot();
        for (const action of this.#waiting.splice(0)) this.#post({ type: 'perform', action });
        return;
      case 'act':
        return this.#move(message.seq, () => this.#session.act(message.chainId, message.act));
      case 'undo':
        return this.#move(message.seq, () => this.#session.undo());
      case 'redo':
        return this.#move(message.seq, () => this.#session.redo());
      case 'go':
        return this.#move(message.seq, () => this.#session.go(message.to));
      case 'compare': {
        const found = await this.#session.samples(message.chainId);
        if (found !== undefined) this.#post({ type: 'samples', ...found });
        return;
      }
      case 'regrade':
        return this.#regrade(message.chainId);
      case 'openJournal':
        return this.#services.openJournal(message.chainId);
      case 'tryProblem':
        return this.#services.tryProblem(message.chainId);
      case 'draft':
        await this.#services.drafts.update(this.#draftKey(message.chainId), message.draft ?? undefined);
        return;
      case 'failed':
        this.#services.log(`The reader failed: ${message.message}`);
        return;
    }
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
        ? vscode.l10n.t('Graded again: {0}, as before.', after ?? '')
        : vscode.l10n.t('Graded again: {0}, was {1}.', after ?? '', before ?? '');
    this.#post({ type: 'announce', text, tone: 'info' });
  }

  async #move(seq: number, move: () => Promise<DeadEnd>): Promise<void> {
    try {
      const deadEnd = await move();
      if (deadEnd !== undefined) this.#post({ type: 'announce', text: deadEnd, tone: 'warning' });
    } finally {
      // Also after an act that could not be written: the snapshot takes the reader back to where it stands.
      this.#ack = Math.max(this.#ack, seq);
      await this.#sendSnapshot();
    }
  }

  async #sendSnapshot(onlyChanges = false): Promise<void> {
    if (!this.#ready) return;
    const view = await this.#view(onlyChanges);
    const content = contentOf(view);
    const { position, total, counts } = view;
    if (onlyChanges && content === this.#sent) {
      this.#post({ type: 'progress', position, total, counts });
      return;
    }
    this.#sent = content;
    this.#post(this.#snapshot(view));
  }

  /** A chain that can't be read leaves the reader empty but alive: it gets its answer, and keys go on to other chains. */
  async #view(onlyChanges: boolean): Promise<SessionView> {
    try {
      return await this.#session.view();
    } catch (error) {
      const view = this.#session.blank();
      // A running round asks twice a second; what was said already is not said again.
      if (!onlyChanges || contentOf(view) !== this.#sent) this.#tell(error);
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
      facet: this.#services.source.facet,
      draft: view.item === null ? undefined : this.#draft(view.item.chain.id),
    };
  }

  #draft(chainId: string): EditDraft | undefined {
    const draft = EditDraft.safeParse(this.#services.drafts.get(this.#draftKey(chainId)));
    return draft.success ? draft.data : undefined;
  }

  #draftKey(chainId: string): string {
    return `longhand.draft:${this.#services.dataset.toString()}:${chainId}`;
  }

  #post(message: ToReader): void {
    void this.#panel.webview.postMessage(message);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const advice = adviceOf(error);
    const text = advice === undefined ? message : `${message} ${advice}`;
    this.#services.log(`Review: ${text}`);
    if (this.#ready) this.#post({ type: 'announce', text, tone: 'error' });
    else void vscode.window.showErrorMessage(vscode.l10n.t('Longhand Review: {0}', text));
  }
}

const contentOf = ({ item, next, previous }: SessionView): string => JSON.stringify([item, next, previous]);

const disposer =
  (subscription: { dispose(): unknown }): (() => void) =>
  () =>
    void subscription.dispose();
