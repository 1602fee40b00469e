import type { TextChange } from '../../src/core/schemas/index.ts';
import type { EditDraft, FromReader, ReviewItem } from '../../src/protocol/review.ts';
import type { Announcer } from '../ui/announcer.ts';
import { Editing } from './editing.ts';
import { isSaved, isWritten, type Saving, savingOf } from './saving.ts';
import type { ChainView } from './views.ts';

interface DeskPage {
  announcer: Announcer;
  post(message: FromReader): void;
  /** Sends an edit; keys wait for the new text. */
  save(chainId: string, changes: TextChange[]): void;
  /** Focuses the text. */
  focus(): void;
  /** The draft was changed, or its field opened or closed: it must be saved now or soon. */
  changed(when: 'now' | 'soon'): void;
}

/** The editing of text: the open field, its draft, and the edit that was sent and is not confirmed yet. */
export class Desk {
  readonly #page: DeskPage;
  #editing: Editing | undefined;
  #draft: EditDraft | undefined;
  #saving: Saving | undefined;

  constructor(page: DeskPage) {
    this.#page = page;
  }

  get open(): boolean {
    return this.#editing !== undefined;
  }

  get draft(): EditDraft | undefined {
    return this.#draft;
  }

  /** Whether this chain has an unsaved edit. */
  holds(chainId: string | undefined): boolean {
    return this.#draft !== undefined && this.#draft.chainId === chainId;
  }

  /** Sets the draft of the shown chain; discards a draft that was saved. */
  take(item: ReviewItem | null, draft: EditDraft | undefined): void {
    if (this.#draft?.chainId !== item?.chain.id) this.#draft = undefined;
    this.#draft = draft ?? this.#draft;
    if (draft !== undefined && isWritten(draft, item)) this.#keep(draft.chainId, undefined);
    const saving = this.#saving;
    this.#saving = undefined;
    // An edit that could not be saved keeps its draft; the host has shown the error.
    if (saving === undefined || !isSaved(saving, item)) return;
    this.#keep(saving.chainId, undefined);
    this.#page.announcer.announce('Edit saved.');
  }

  /** Opens the field for the piece at `offset` or at the draft; closes an open field. */
  edit({ trace, item }: ChainView, offset: number): void {
    if (this.#editing !== undefined) {
      this.#editing.leave();
      return;
    }
    const at = this.#draft?.start ?? offset;
    const piece = trace.pieceAt(at);
    if (piece === undefined) return;
    const chain = { id: item.chain.id, text: trace.content.text };
    this.#editing = new Editing(chain, piece, at, this.#draft, {
      save: (changes) => {
        this.#saving = savingOf(chain, changes);
        this.#page.save(chain.id, changes);
      },
      draft: (draft) => this.#keep(chain.id, draft),
      closed: (message) => {
        this.#editing = undefined;
        this.#page.focus();
        this.#page.announcer.announce(message);
        this.#page.changed('soon');
      },
    });
    this.#page.changed('soon');
  }

  /** Closes the field and keeps its draft. */
  leave(): void {
    this.#editing?.leave();
  }

  /** Saves the draft now, before the page closes. */
  flush(): void {
    this.#editing?.flush();
  }

  #keep(chainId: string, draft: EditDraft | undefined): void {
    if (draft === undefined && this.#draft === undefined) return;
    this.#draft = draft;
    this.#page.post({ type: 'draft', chainId, draft: draft ?? null });
    this.#page.changed('now');
  }
}
