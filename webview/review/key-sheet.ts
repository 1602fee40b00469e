import { html } from 'lit';
import { keySheet, Modal } from '../ui/modal.ts';
import { actionFor, KEYS } from './keys.ts';

/** The keyboard sheet. */
export class KeySheet {
  readonly #modal: Modal;

  constructor(parent: HTMLElement) {
    this.#modal = new Modal(parent, 'sheet');
    this.#modal.element.addEventListener('keydown', (event) => {
      if (actionFor(event) !== 'help') return;
      // Otherwise the reader opens the sheet again.
      event.preventDefault();
      this.#modal.element.close();
    });
  }

  open(): void {
    this.#modal.open(html`
      ${keySheet(KEYS.entries)}
      <p class="dim">Reject: a digit chooses the reason, Enter confirms. Edit: Ctrl+Enter saves, Esc leaves the draft for later.</p>
    `);
  }
}
