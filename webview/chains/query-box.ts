import { html, nothing, type TemplateResult } from 'lit';
import type { ToChainsPage } from '../../src/protocol/chains.ts';
import { moveFocus } from '../ui/focus.ts';
import { later } from '../ui/later.ts';
import { type Completions, completionsAt } from './complete.ts';

type Refusal = Extract<ToChainsPage, { type: 'refused' }>;

/** Milliseconds after a key before the query is run. */
const PAUSE = 120;

interface Fields {
  fields: Parameters<typeof completionsAt>[2];
}

/** The text field of the query: runs it while you type, completes names and values, and shows errors in place. */
export class QueryBox {
  readonly #run: (text: string) => void;
  readonly #changed: () => void;
  readonly #leave: () => void;
  readonly #soon: () => void;
  #text = '';
  #refusal: Refusal | undefined;
  #completions: Completions | undefined;
  #chosen = -1;

  /** @param changed Draws the box again. @param leave Moves the focus to the table. */
  constructor(run: (text: string) => void, changed: () => void, leave: () => void) {
    this.#run = run;
    this.#changed = changed;
    this.#leave = leave;
    this.#soon = later(PAUSE, () => this.#run(this.#text));
  }

  /** Shows the query of the host, unless it is being typed. */
  show(query: string, isAnswer: boolean): void {
    if (isAnswer) this.#refusal = undefined;
    if (document.activeElement !== this.#input) this.#text = query;
  }

  set(text: string): void {
    this.#text = text;
    this.#close();
    this.#run(text);
  }

  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
  }

  focus(): void {
    moveFocus(this.#input);
    this.#input?.select();
  }

  view(fields: Fields): TemplateResult {
    const options = this.#completions?.options ?? [];
    return html`<div class="query">
      <input id="query" type="text" role="combobox" spellcheck="false" autocomplete="off" aria-label="Query"
        aria-autocomplete="list" aria-controls="completions" aria-expanded=${options.length > 0}
        aria-activedescendant=${this.#chosen < 0 ? nothing : `completion-${this.#chosen}`}
        aria-invalid=${this.#refusal !== undefined} aria-describedby="query-error"
        placeholder='Query, such as failed = repetition and level = 5 and first = incorrect'
        .value=${this.#text}
        @input=${(event: Event) => this.#typed(event, fields)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, fields)}
        @blur=${() => this.#close()} />
      <ul id="completions" role="listbox" aria-label="Completions" ?hidden=${options.length === 0}>
        ${options.map(
          ({ text, about }, at) => html`<li id="completion-${at}" role="option" aria-selected=${at === this.#chosen}
            @mousedown=${(event: Event) => {
              event.preventDefault();
              this.#take(at, fields);
            }}><span>${text}</span><span class="dim">${about}</span></li>`,
        )}
      </ul>
      <p id="query-error" class="query-error" role="alert" ?hidden=${this.#refusal === undefined}>${this.#error()}</p>
    </div>`;
  }

  get #input(): HTMLInputElement | null {
    return document.querySelector<HTMLInputElement>('#query');
  }

  #error(): TemplateResult | typeof nothing {
    const refusal = this.#refusal;
    if (refusal === undefined) return nothing;
    const { message, start, end } = refusal;
    const part = start === undefined ? '' : this.#text.slice(start, end);
    return html`${part === '' ? nothing : html`<mark>${part}</mark> `}${message}`;
  }

  #typed(event: Event, { fields }: Fields): void {
    const input = event.target as HTMLInputElement;
    this.#text = input.value;
    this.#completions = completionsAt(this.#text, input.selectionStart ?? this.#text.length, fields);
    this.#chosen = -1;
    this.#soon();
    this.#changed();
  }

  #key(event: KeyboardEvent, fields: Fields): void {
    const options = this.#completions?.options ?? [];
    const open = options.length > 0;
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.#chosen = (this.#chosen + step + options.length + (this.#chosen < 0 && step < 0 ? 1 : 0)) % options.length;
    } else if (open && (event.key === 'Tab' || (event.key === 'Enter' && this.#chosen >= 0))) {
      this.#take(Math.max(0, this.#chosen), fields);
    } else if (event.key === 'Escape' && open) {
      this.#close();
    } else if (event.key === 'Enter') {
      this.#close();
      this.#run(this.#text);
      this.#leave();
    } else if (event.key === 'ArrowDown' || event.key === 'Escape') {
      this.#leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.#changed();
  }

  #take(at: number, { fields }: Fields): void {
    const completions = this.#completions;
    const option = completions?.options[at];
    const input = this.#input;
    if (completions === undefined || option === undefined || input === null) return;
    const { from, to } = completions;
    const text = option.about === '' ? option.text : `${option.text} `;
    this.#text = `${this.#text.slice(0, from)}${text}${this.#text.slice(to)}`;
    input.value = this.#text;
    input.setSelectionRange(from + text.length, from + text.length);
    this.#completions = option.about === '' ? undefined : completionsAt(this.#text, from + text.length, fields);
    this.#chosen = -1;
    this.#soon();
    this.#changed();
  }

  #close(): void {
    this.#completions = undefined;
    this.#chosen = -1;
    this.#changed();
  }
}
