import type { TextChange } from '../../src/core/model/index.ts';
import { changesFromField } from '../../src/core/review/index.ts';
import type { EditDraft } from '../../src/protocol/review.ts';
import type { PieceView } from '../rendering/trace.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { button, type TextControl, textArea } from '../ui/toolkit.ts';

/** What the reader does with an edit. */
interface EditEvents {
  save(changes: TextChange[]): void;
  /** The draft as it stands; undefined when there is nothing to keep. */
  draft(draft: EditDraft | undefined): void;
  closed(message: string): void;
}

/** Time after the last key until a draft is kept, in milliseconds. */
const SETTLE = 250;

/** A piece's source in a text field, in the place of the piece. */
export class Editing {
  readonly #piece: PieceView;
  readonly #chainId: string;
  readonly #start: number;
  readonly #base: string;
  readonly #events: EditEvents;
  readonly #field: TextControl;
  readonly #form = document.createElement('div');
  #timer = 0;

  /** Opens the field over the piece, with the caret at `offset` of the chain's text, or with a draft. */
  constructor(
    chain: { id: string; text: string },
    piece: PieceView,
    offset: number,
    draft: EditDraft | undefined,
    events: EditEvents,
  ) {
    this.#chainId = chain.id;
    this.#piece = piece;
    this.#events = events;
    const whole = chain.text.slice(piece.segment.start, piece.segment.end);
    // The blank lines around a piece are the gap that assembly put there: they are not edited, so text stays in its piece.
    const lead = whole.trim() === '' ? 0 : whole.length - whole.trimStart().length;
    this.#start = piece.segment.start + lead;
    this.#base = whole.trim() === '' ? whole : whole.trim();
    const kept = draft?.start === this.#start && draft.base === this.#base ? draft.value : undefined;
    this.#field = textArea(`Source of ${pieceTitle(piece.segment.piece)}`, kept ?? this.#base);
    // One that reads as the text does was written before the reader could hear of it.
    const stale = kept === undefined && draft?.value !== this.#base ? draft?.value : undefined;
    this.#build(kept !== undefined, stale);
    this.#focus(offset - this.#start);
  }

  /** The draft now, for the moment in which the page goes away. */
  flush(): void {
    window.clearTimeout(this.#timer);
    this.#events.draft(this.#draft());
  }

  /** Closes the field and keeps the draft. */
  leave(): void {
    this.flush();
    const kept = this.#draft() !== undefined;
    this.#close(kept ? 'Draft kept. Press e to go on with it.' : 'Nothing was changed.');
  }

  /** Closes the field and sends the edit. The draft stays until the edit is seen to be written. */
  save(): void {
    const changes = changesFromField(this.#base, this.#field.value()).map(({ start, end, insert }) => ({
      start: start + this.#start,
      end: end + this.#start,
      insert,
    }));
    this.flush();
    this.#close(changes.length === 0 ? 'Nothing was changed.' : 'Saving the edit.');
    if (changes.length > 0) this.#events.save(changes);
  }

  #discard(): void {
    window.clearTimeout(this.#timer);
    this.#events.draft(undefined);
    this.#close('Draft thrown away.');
  }

  #draft(): EditDraft | undefined {
    const value = this.#field.value();
    if (value === this.#base.replace(/\r\n?/g, '\n')) return undefined;
    const end = this.#start + this.#base.length;
    return { chainId: this.#chainId, start: this.#start, end, base: this.#base, value };
  }

  #build(resumed: boolean, stale: string | undefined): void {
    const hint = document.createElement('span');
    hint.className = 'dim';
    hint.append(resumed ? 'going on with your draft' : 'spans stay on the text that they cover');
    if (stale !== undefined) {
      const words = 'your draft was made on another version of this text';
      const use = button('Use it all the same', 'secondary', () => this.#field.set(stale));
      hint.replaceChildren(words, ' ', use);
    }
    const bar = document.createElement('div');
    bar.className = 'edit-bar';
    bar.append(
      button('Save  Ctrl+Enter', 'primary', () => this.save()),
      button('Leave  Esc', 'secondary', () => this.leave()),
      button('Throw away', 'secondary', () => this.#discard()),
      hint,
    );
    this.#form.className = 'edit';
    this.#form.append(this.#field.element, bar);
    this.#form.addEventListener('input', () => {
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#events.draft(this.#draft()), SETTLE);
    });
    this.#form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.save();
      else if (event.key === 'Escape') this.leave();
      else {
        event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    this.#piece.element.classList.add('editing');
    this.#piece.element.append(this.#form);
  }

  #focus(caret: number): void {
    const native = this.#field.native();
    if (native === null) return;
    const at = Math.min(native.value.length, Math.max(0, caret));
    native.focus({ preventScroll: true });
    native.setSelectionRange(at, at);
    // A field does not scroll to its caret by itself: the share of the text is near enough.
    native.scrollTop = (at / Math.max(1, native.value.length)) * native.scrollHeight - native.clientHeight / 3;
    this.#form.scrollIntoView({ block: 'nearest' });
  }

  #close(message: string): void {
    this.#piece.element.classList.remove('editing');
    this.#form.remove();
    this.#events.closed(message);
  }
}
