import { html, nothing, type TemplateResult } from 'lit';
import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { TraceContent } from '../../rendering/trace.ts';
import { moveFocus } from '../../ui/focus.ts';
import { percentAt } from '../../ui/format.ts';
import { Modal } from '../../ui/modal.ts';
import { filterRows, type OutlineRow, outlineRows } from './outline-rows.ts';

/** A trace and its place on the screen. */
export interface Outlined {
  content: TraceContent;
  /** Undefined until the host has read them. */
  runs: readonly PhaseRun[] | undefined;
  /** Source offset at the upper edge of the screen. */
  top: number;
}

/** Rows that are listed, at most. */
const LISTED = 500;
/** Rows that PageUp and PageDown move. */
const PAGE = 10;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

/** The outline of a trace: a drawer with its phases, filtered by typing. */
export class Outline {
  readonly #modal: Modal;
  readonly #go: (row: OutlineRow, announcement: string) => void;
  #length = 1;
  #isRead = false;
  #all: readonly OutlineRow[] = [];
  #rows: readonly OutlineRow[] = [];
  #typed = '';
  #chosen = 0;

  constructor(parent: HTMLElement, go: (row: OutlineRow, announcement: string) => void) {
    this.#go = go;
    this.#modal = new Modal(parent, 'outline');
    this.#modal.element.setAttribute('aria-label', 'Outline');
    this.#modal.element.addEventListener('keydown', (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return this.#modal.element.open;
  }

  /** Opens at the part that is on the screen. */
  open(shown: Outlined): void {
    this.#typed = '';
    this.show(shown);
    moveFocus(this.#modal.element.querySelector('input'));
  }

  close(): void {
    this.#modal.element.close();
  }

  /** Shows other runs, for example when the host has read them. */
  show({ content, runs, top }: Outlined): void {
    this.#length = content.text.length;
    this.#isRead = runs !== undefined;
    this.#all = outlineRows(runs ?? [], content);
    this.#filter(top);
  }

  /** @param at The source offset whose row is chosen; without one, the first row is. */
  #filter(at?: number): void {
    this.#rows = filterRows(this.#all, this.#typed).slice(0, LISTED);
    const here = at === undefined ? 0 : this.#rows.findIndex(({ end }) => end > at);
    this.#choose(Math.max(0, here));
  }

  #choose(index: number): void {
    this.#chosen = Math.max(0, Math.min(this.#rows.length - 1, index));
    this.#modal.open(this.#view());
    this.#modal.element.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  #key(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.#choose(this.#chosen + step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#jump(this.#chosen);
    }
  }

  #jump(index: number): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    this.close();
    this.#go(row, `${this.#name(row)}: ${row.words}`);
  }

  /** `verify, 3 sentences, at 34 %`. */
  #name({ phase, sentences, start }: OutlineRow): string {
    return `${phase}, ${plural(sentences, 'sentence')}, at ${percentAt(start, this.#length)}`;
  }

  #view(): TemplateResult {
    const active = this.#rows.length === 0 ? nothing : `outline-${this.#chosen}`;
    return html`
      <h2>Outline</h2>
      <input
        type="text"
        role="combobox"
        aria-label="Filter the outline"
        aria-autocomplete="list"
        aria-expanded="true"
        aria-controls="outline-rows"
        aria-activedescendant=${active}
        placeholder="Filter by phase, words or behaviour"
        spellcheck="false"
        autofocus
        .value=${this.#typed}
        @input=${(event: Event) => {
          this.#typed = (event.target as HTMLInputElement).value;
          this.#filter();
        }}
      />
      <ul id="outline-rows" role="listbox" aria-label="Parts of the trace">
        ${this.#rows.map((row, index) => this.#row(row, index))}
      </ul>
      <p class="dim" role="status">${this.#status()}</p>
    `;
  }

  #status(): string {
    if (!this.#isRead) return 'Reading the phases…';
    const [shown, all] = [this.#rows.length, this.#all.length];
    if (shown === all) return `${plural(all, 'part')} · ↑ ↓ choose · Enter jumps · Esc closes`;
    return `${formatCount(shown)} of ${plural(all, 'part')}`;
  }

  #row(row: OutlineRow, index: number): TemplateResult {
    const { phase, sentences, words, acts, piece, start } = row;
    const before = this.#rows[index - 1];
    return html`<li
      role="option"
      id="outline-${index}"
      aria-selected=${index === this.#chosen}
      @click=${() => this.#jump(index)}
    >
      <span class="swatch ${phase}"></span>
      <span class="name">${phase}</span>
      <span class="dim">
        ${plural(sentences, 'sentence')}${piece === undefined || piece === before?.piece ? nothing : ` · ${piece}`}
      </span>
      ${acts.map(
        ({ kind, count }) =>
          html`<span class="kind ${kind}"><span class="stroke"></span>${kind}${count === 1 ? '' : ` ×${formatCount(count)}`}</span>`,
      )}
      <span class="at dim">${percentAt(start, this.#length)}</span>
      <span class="words">${words}</span>
    </li>`;
  }
}
