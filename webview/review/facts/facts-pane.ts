import { render } from 'lit';
import type { Place } from '../../../src/core/review/index.ts';
import type { StepPlace } from '../../../src/core/schemas/index.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import { moveFocus } from '../../ui/focus.ts';
import type { ReaderModel } from '../model.ts';
import type { Skeleton } from '../skeleton.ts';
import type { ChainView } from '../views.ts';
import { factsView } from './facts.ts';
import { reasonsOf } from './filters.ts';

interface PanePage {
  page: Skeleton;
  model: ReaderModel;
  goTo(what: 'candidate' | 'disagreement', index: number): void;
  /** Goes to a place in the text. @param announcement Default: the text there. */
  go(place: Place, announcement?: string): void;
  /** Puts the sentence cursor on a step. */
  goToStep(step: StepPlace, words: string): void;
  goToChain(chainId: string): void;
  warn(text: string): void;
  perform(action: ReviewAction): void;
}

/** The facts on the left; in a narrow window they overlay the text on demand. */
export class FactsPane {
  readonly #page: PanePage;
  #view: ChainView | undefined;
  #allFilters = false;
  /** The reason that the key showed last. */
  #reason: { chainId: string; index: number } | undefined;

  constructor(page: PanePage) {
    this.#page = page;
  }

  /** Shows the facts of a chain; hides them without a chain. */
  show(view: ChainView | undefined): void {
    this.#view = view;
    const { facts } = this.#page.page;
    facts.hidden = view === undefined;
    if (view === undefined) return;
    const { model, goTo, go, goToChain, perform } = this.#page;
    const { reviewer } = model;
    const options = { allFilters: this.#allFilters, reviewer, go, goToChain, perform };
    const acts = {
      toggleFilters: () => this.#toggleFilters(),
      goToStep: (step: StepPlace, words: string) => {
        this.close();
        this.#page.goToStep(step, words);
      },
      goTo: (what: 'candidate' | 'disagreement', index: number) => {
        this.close();
        goTo(what, index);
      },
    };
    render(factsView(view.item, view.facts, { ...options, ...acts }), facts);
  }

  /** Focuses a heading or row, and opens it if it can be expanded. */
  focus(id: string): void {
    const { facts } = this.#page.page;
    this.#expand(true);
    const fact = facts.querySelector<HTMLElement>(`#${id}`);
    const details = fact?.closest('details');
    if (details) details.open = true;
    moveFocus(fact);
  }

  /** Goes to the next reason why the chain was filtered out: to its place in the text, or to its row if it has none. */
  nextReason(): void {
    const item = this.#view?.item;
    if (item === undefined) return;
    const reasons = reasonsOf(item);
    const before = this.#reason?.chainId === item.chain.id ? this.#reason.index : -1;
    const index = (before + 1) % Math.max(1, reasons.length);
    const reason = reasons[index];
    if (reason === undefined) {
      this.#page.warn('This chain was not filtered out: it passed all filters.');
      return;
    }
    this.#reason = { chainId: item.chain.id, index };
    if (reason.place !== undefined) {
      this.#page.go(reason.place, reason.text);
      return;
    }
    this.focus('filters');
    this.#page.warn(reason.text);
  }

  /** Shows or hides the facts in a narrow window. */
  toggle(): void {
    this.#expand(!this.#page.page.root.classList.contains('facts-open'));
  }

  /** Hides the facts in a narrow window. */
  close(): void {
    this.#expand(false);
  }

  #expand(open: boolean): void {
    const { root, header } = this.#page.page;
    root.classList.toggle('facts-open', open);
    header.querySelector('.facts-toggle')?.setAttribute('aria-expanded', String(open));
  }

  #toggleFilters(): void {
    this.#allFilters = !this.#allFilters;
    this.show(this.#view);
  }
}
