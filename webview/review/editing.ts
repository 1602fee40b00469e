import { changesFromField } from '../../src/core/review/index.ts';
import type { TextChange } from '../../src/core/schemas/index.ts';
import type { EditDraft } from '../../src/protocol/review.ts';
import type { PieceView } from '../rendering/trace.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { moveFocus } from '../ui/focus.ts';
import { button, type TextControl, textArea, withKey } from '../ui/toolkit.ts';
import { pressOf } from './keys.ts';

interface EditEvents {
  save(changes: TextChange[]): void;
  /** The draft; undefined without changes. */
  draft(draft: EditDraft | undefined): void;
  closed(message: string): void;
}

/** Milliseconds after the last key until the draft is saved. */
const SETTLE = 250;

/** A text field with the source of a piece, shown in place of the piece. */
export class Editing {
  readonly #piece: PieceView;
  readonly #chainId: string;
  readonly #start: number;
  readonly #base: string;
  readonly #events: EditEvents;
  readonly #field: TextControl;
  readonly #form = document.createElement('div');
  #timer = 0;

  /** Opens the field with the caret at `offset` of the chain's text, or with a draft. */
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
    // Blank lines around a piece are from assembly and are not edited, so that text stays in its piece.
    const lead = whole.trim() === '' ? 0 : whole.length - whole.trimStart().length;
    this.#start = piece.segment.start + lead;
    this.#base = whole.trim() === '' ? whole : whole.trim();
    const kept = draft?.start === this.#start && draft.base === this.#base ? draft.value : undefined;
    this.#field = textArea(`Source of ${pieceTitle(piece.segment.piece)}`, kept ?? this.#base);
    // A draft equal to the text was saved before a reload.
    const stale = kept === undefined && draft?.value !== this.#base ? draft?.value : undefined;
    this.#build(kept !== undefined, stale);
    this.#focus(offset - this.#start);
  }

  /** Saves the draft now, before the page closes. */
  flush(): void {
    window.clearTimeout(this.#timer);
    this.#events.draft(this.#draft());
  }

  /** Closes the field and keeps the draft. */
  leave(): void {
    this.flush();
    const kept = this.#draft() !== undefined;
    this.#close(kept ? `Draft kept. ${pressOf('edit')} to continue.` : 'No changes.');
  }

  /** Closes the field and sends the edit. The draft stays until the edit is confirmed. */
  save(): void {
    const changes = changesFromField(this.#base, this.#field.value()).map(({ start, end, insert }) => ({
      start: start + this.#start,
      end: end + this.#start,
      insert,
    }));
    this.flush();
    this.#close(changes.length === 0 ? 'No changes.' : 'Saving the edit.');
    if (changes.length > 0) this.#events.save(changes);
  }

  #discard(): void {
    window.clearTimeout(this.#timer);
    this.#events.draft(undefined);
    this.#close('Draft discarded.');
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
    hint.append(resumed ? 'continuing your draft' : 'spans stay on the text that they cover');
    if (stale !== undefined) {
      const use = button('Use It Anyway', 'secondary', () => this.#field.set(stale));
      hint.replaceChildren('your draft belongs to another version of this text', ' ', use);
    }
    const bar = document.createElement('div');
    bar.className = 'edit-bar';
    bar.append(
      button(withKey('Save', 'Ctrl+Enter'), 'primary', () => this.save()),
      button(withKey('Leave', 'Esc'), 'secondary', () => this.leave()),
      button('Discard', 'secondary', () => this.#discard()),
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
    moveFocus(native);
    native.setSelectionRange(at, at);
    // Text fields don't scroll to the caret. This approximates it.
    native.scrollTop = (at / Math.max(1, native.value.length)) * native.scrollHeight - native.clientHeight / 3;
    this.#form.scrollIntoView({ block: 'nearest' });
  }

  #close(message: string): void {
    this.#piece.element.classList.remove('editing');
    this.#form.remove();
    this.#events.closed(message);
  }
}
