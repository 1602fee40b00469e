import { html, nothing, type TemplateResult } from 'lit';
import type { BatchKind, ToChainsPage } from '../../src/protocol/chains.ts';
import { moveFocus } from '../ui/focus.ts';
import { later } from '../ui/later.ts';
import { Modal } from '../ui/modal.ts';

type Plan = Extract<ToChainsPage, { type: 'plan' }>;

/** What is asked for, and the button. */
const TEXTS: Readonly<Record<BatchKind, { field?: string; hint?: string; verb: string }>> = {
  accept: { verb: 'Accept' },
  reject: { field: 'Reason', hint: 'Why these chains are rejected', verb: 'Reject' },
  tag: { field: 'Tag', hint: 'A new tag, or one that exists', verb: 'Tag' },
  untag: { field: 'Tag', hint: 'The tag to remove', verb: 'Remove Tag' },
  note: { field: 'Note', hint: 'Replaces earlier notes of yours', verb: 'Write Note' },
  assign: { field: 'Reviewer', hint: 'Empty removes the assignment', verb: 'Assign' },
};

/** Asks for what an act on several chains needs, and shows its plan before it is done. */
export class ActDialog {
  readonly #modal: Modal;
  readonly #ask: (kind: BatchKind, text: string) => void;
  readonly #apply: (kind: BatchKind, text: string) => void;
  readonly #soon: () => void;
  #kind: BatchKind = 'accept';
  #text = '';
  #plan: Plan | undefined;

  /** @param ask Requests the plan. @param apply Does what the shown plan says. */
  constructor(ask: (kind: BatchKind, text: string) => void, apply: (kind: BatchKind, text: string) => void) {
    this.#modal = new Modal(document.body, 'act-dialog');
    this.#ask = ask;
    this.#apply = apply;
    this.#soon = later(100, () => this.#ask(this.#kind, this.#text));
  }

  open(kind: BatchKind): void {
    this.#kind = kind;
    this.#text = '';
    this.#plan = undefined;
    this.#ask(kind, '');
    this.#draw();
    moveFocus(this.#modal.element.querySelector('input'));
  }

  /** Shows a plan; one of an earlier text is ignored. */
  show(plan: Plan): void {
    if (!this.#modal.element.open || plan.kind !== this.#kind || plan.text !== this.#text) return;
    const isFirst = this.#plan === undefined;
    this.#plan = plan;
    this.#draw();
    if (isFirst && TEXTS[this.#kind].field === undefined)
      moveFocus(this.#modal.element.querySelector<HTMLElement>('button.primary'));
  }

  #draw(): void {
    this.#modal.open(this.#view());
  }

  #done(event: Event): void {
    event.preventDefault();
    if (!this.#isReady) return;
    this.#modal.element.close();
    this.#apply(this.#kind, this.#text);
  }

  /** The plan of what is in the field now allows it. */
  get #isReady(): boolean {
    return this.#plan !== undefined && this.#plan.text === this.#text && this.#plan.ready && this.#plan.count > 0;
  }

  #view(): TemplateResult {
    const { field, hint, verb } = TEXTS[this.#kind];
    const plan = this.#plan;
    return html`<form @submit=${(event: Event) => this.#done(event)}>
      <h2>${verb}</h2>
      ${
        field === undefined
          ? nothing
          : html`<label for="act-text">${field}</label>
            <input id="act-text" type="text" autocomplete="off" list="act-suggestions" placeholder=${hint ?? ''} .value=${this.#text}
              @input=${(event: Event) => this.#typed((event.target as HTMLInputElement).value)} />
            <datalist id="act-suggestions">${(plan?.suggestions ?? []).map((one) => html`<option value=${one}></option>`)}</datalist>`
      }
      <p role="status">${plan?.description ?? 'Counting…'}</p>
      ${plan?.problem === undefined ? nothing : html`<p class="query-error">${plan.problem}</p>`}
      <div class="act-buttons">
        <button type="submit" class="key-button primary" ?disabled=${!this.#isReady}>${verb}</button>
        <button type="button" class="key-button" @click=${() => this.#modal.element.close()}>Cancel</button>
      </div>
    </form>`;
  }

  #typed(text: string): void {
    this.#text = text.trim();
    this.#soon();
    this.#draw();
  }
}
