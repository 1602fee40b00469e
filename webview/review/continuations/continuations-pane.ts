import { html, nothing, render, type TemplateResult } from 'lit';
import { sampleOutcome } from '../../../src/core/schemas/index.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { Continuation, ContinueEvent } from '../../../src/protocol/continuation.ts';
import type { Continuing, FromReader } from '../../../src/protocol/review.ts';
import { markdown } from '../../rendering/short.ts';
import type { Announcer } from '../../ui/announcer.ts';
import { moveFocus } from '../../ui/focus.ts';

interface PanePage {
  /** Below the text of the chain. */
  place: HTMLElement;
  announcer: Announcer;
  post(message: FromReader): void;
  /** Focuses the text. */
  focus(): void;
}

/** One continuation as far as it is known. */
interface Card {
  text: string;
  done?: Continuation;
  /** The finished text with maths. */
  rendered?: HTMLElement;
  refused?: string;
}

/** The continuations of a place in a chain, while they are written and afterwards, to keep, write into the chain or discard. */
export class ContinuationsPane {
  readonly #page: PanePage;
  #of: Continuing | undefined;
  #cards: Card[] = [];
  #ended = false;
  #error: string | undefined;
  /** Of the chain that the reader shows. */
  #shown: string | undefined;

  constructor(page: PanePage) {
    this.#page = page;
    page.place.hidden = true;
  }

  begin(of: Continuing): void {
    this.#of = of;
    this.#cards = Array.from({ length: of.samples }, () => ({ text: '' }));
    this.#ended = false;
    this.#error = undefined;
    this.#page.announcer.announce(`${plural(of.samples, 'continuation')} requested.`);
    this.#render();
  }

  take(event: ContinueEvent): void {
    const card = this.#cards['index' in event ? event.index : event.continuation.index];
    if (card === undefined) return;
    if (event.type === 'part') card.text = event.restarts ? event.text : card.text + event.text;
    else if (event.type === 'refused') card.refused = event.reason;
    else {
      card.done = event.continuation;
      card.rendered = markdown(event.continuation.text.trim());
    }
    this.#render();
  }

  end(error: string | undefined): void {
    this.#ended = true;
    this.#error = error;
    const right = this.#cards.filter(({ done }) => done && outcomeOf(done) === 'correct').length;
    const done = this.#cards.filter((card) => card.done).length;
    if (error === undefined)
      this.#page.announcer.announce(`${plural(done, 'continuation')}, ${formatCount(right)} correct.`);
    this.#render();
  }

  /** Hides the continuations of another chain. */
  follow(chainId: string | undefined): void {
    this.#shown = chainId;
    this.#render();
  }

  get hasFocus(): boolean {
    return this.#page.place.contains(document.activeElement);
  }

  /** Whether requests for the chain on the screen are open. */
  get isRunning(): boolean {
    return this.#of !== undefined && this.#of.chainId === this.#shown && !this.#ended;
  }

  /** Stops the open requests; if there are none, discards the continuations. @returns whether there were any */
  close(): boolean {
    if (this.#of === undefined || this.#of.chainId !== this.#shown) return false;
    if (this.#ended) this.#discard();
    else this.#stop();
    return true;
  }

  /** Finished continuations stay: they are paid. */
  #stop(): void {
    this.#page.post({ type: 'stopContinuing' });
    const hadFocus = this.hasFocus;
    this.end(undefined);
    // The button that had the focus may be gone.
    if (hadFocus) moveFocus(this.#page.place.querySelector<HTMLElement>('.continuations-list'));
  }

  #discard(): void {
    this.#of = undefined;
    this.#render();
    this.#page.focus();
  }

  #take(how: 'keep' | 'write', index: number): void {
    this.#page.post({ type: 'takeContinuation', how, index });
  }

  #render(): void {
    const of = this.#of;
    const isShown = of !== undefined && of.chainId === this.#shown;
    this.#page.place.hidden = !isShown;
    render(isShown ? this.#view(of) : nothing, this.#page.place);
  }

  #view({ at, model }: Continuing): TemplateResult {
    const done = this.#cards.filter((card) => card.done).length;
    return html`<header class="continuations-head">
        <h2>Continuations after character ${formatCount(at)}</h2>
        <span class="dim">${model} · ${formatCount(done)} of ${formatCount(this.#cards.length)} finished</span>
        <span class="grow"></span>
        ${this.#ended ? nothing : html`<button type="button" class="head-button" @click=${() => this.#stop()}>Stop</button>`}
        <button type="button" class="head-button" ?disabled=${!this.#ended} @click=${() => this.#discard()}>Discard</button>
      </header>
      ${this.#error === undefined ? nothing : html`<p class="continuations-error" role="alert">${this.#error}</p>`}
      <ol class="continuations-list" tabindex="0" aria-label="Continuations">
        ${this.#cards.map((card, index) => this.#card(card, index))}
      </ol>`;
  }

  #card({ text, done, rendered, refused }: Card, index: number): TemplateResult {
    const outcome = done && outcomeOf(done);
    const status = outcome ?? (refused === undefined ? (this.#ended ? 'not finished' : 'running') : 'refused');
    const isUsable = done !== undefined && done.text.trim() !== '';
    return html`<li class="continuation">
      <div class="continuation-head">
        <strong>${formatCount(index + 1)}</strong>
        <span class="chip outcome-${outcome ?? 'open'}">${status}</span>
        ${done === undefined ? nothing : html`<span class="dim">${plural(done.tokens, 'token')}</span>`}
        <span class="grow"></span>
        <button type="button" class="head-button" ?disabled=${!isUsable} aria-label="Keep as New Chain: continuation ${index + 1}" @click=${() => this.#take('keep', index)}>Keep as New Chain</button>
        <button type="button" class="head-button" ?disabled=${!isUsable} aria-label="Write into Chain: continuation ${index + 1}" @click=${() => this.#take('write', index)}>Write into Chain</button>
      </div>
      ${refused === undefined ? (rendered ?? html`<div class="continuation-text">${text.trimStart()}</div>`) : html`<p class="dim">${refused}</p>`}
    </li>`;
  }
}

function outcomeOf({ verdict, ended }: Continuation): string {
  return sampleOutcome(verdict.outcome, ended);
}
