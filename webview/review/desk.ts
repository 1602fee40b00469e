import type { TextChange } from '../../src/core/model/index.ts';
import type { EditDraft, FromReader, ReviewItem } from '../../src/protocol/review.ts';
import type { Announcer } from './announcer.ts';
import { Editing } from './editing.ts';
import { isSaved, type Saving, savingOf } from './saving.ts';
import type { ChainView } from './views.ts';

/** What the desk needs of the reader. */
interface DeskPage {
  announcer: Announcer;
  post(message: FromReader): void;
  /** Sends an edit; keys wait until the text that it makes is here. */
  save(chainId: string, changes: TextChange[]): void;
  /** Gives the focus back to the text. */
  focus(): void;
  /** The draft, or whether its field is open, is another: it goes into the saved state, at once or soon. */
  changed(when: 'now' | 'soon'): void;
}

/** Where text is edited: the open field, the draft that outlives it, and the edit that was sent and not yet seen again. */
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

  /** Whether an edit of this chain was begun and is not saved. */
  holds(chainId: string | undefined): boolean {
    return this.#draft !== undefined && this.#draft.chainId === chainId;
  }

  /** Takes the draft of the chain that is shown now, and lets go of one that was written. */
  take(item: ReviewItem | null, draft: EditDraft | undefined): void {
    if (this.#draft?.chainId !== item?.chain.id) this.#draft = undefined;
    this.#draft = draft ?? this.#draft;
    const saving = this.#saving;
    this.#saving = undefined;
    // An edit that could not be written keeps its draft: the host has said why, and `e` goes on with it.
    if (saving === undefined || !isSaved(saving, item)) return;
    this.#keep(saving.chainId, undefined);
    this.#page.announcer.say('Edit saved.');
  }

  /** Opens the field over the piece at `offset`, or at the draft; leaves one that is open. */
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
        this.#page.announcer.say(message);
        this.#page.changed('soon');
      },
    });
    this.#page.changed('soon');
  }

  /** Closes the field, if one is open, and keeps its draft. */
  leave(): void {
    this.#editing?.leave();
  }

  /** Keeps the draft as it is now, for the moment in which the page goes away. */
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
