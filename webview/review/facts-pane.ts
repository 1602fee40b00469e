import { render } from 'lit';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import { factsView } from './facts.ts';
import { reasonsOf } from './filters.ts';
import type { ReaderModel } from './model.ts';
import type { Skeleton } from './skeleton.ts';
import type { ChainView } from './views.ts';

interface PanePage {
  page: Skeleton;
  model: ReaderModel;
  goTo(what: 'candidate' | 'disagreement', index: number): void;
  /** Goes to a place of the text; what is said there is the text itself where no words are given. */
  go(place: Place, words?: string): void;
  say(words: string): void;
  perform(action: ReviewAction): void;
}

/** The facts at the left; where the window is narrow they lie over the text while they are asked for. */
export class FactsPane {
  readonly #page: PanePage;
  #view: ChainView | undefined;
  #allFilters = false;
  /** The reason that the key last came to. */
  #reason: { chainId: string; index: number } | undefined;

  constructor(page: PanePage) {
    this.#page = page;
  }

  /** Paints the facts of the chain that is shown; hides them where there is none. */
  show(view: ChainView | undefined): void {
    this.#view = view;
    const { facts } = this.#page.page;
    facts.hidden = view === undefined;
    if (view === undefined) return;
    const { model, goTo, go, perform } = this.#page;
    const { reviewer } = model;
    const options = { allFilters: this.#allFilters, reviewer, go, perform };
    const acts = {
      toggleFilters: () => this.#toggleFilters(),
      goTo: (what: 'candidate' | 'disagreement', index: number) => {
        this.close();
        goTo(what, index);
      },
    };
    render(factsView(view.item, view.facts, { ...options, ...acts }), facts);
  }

  /** Puts the focus on a heading or row; one that opens is opened. */
  focus(id: string): void {
    const { root, facts } = this.#page.page;
    root.classList.add('facts-open');
    const fact = facts.querySelector<HTMLElement>(`#${id}`);
    const details = fact?.closest('details');
    if (details) details.open = true;
    fact?.focus();
  }

  /** Goes to the next reason why the chain was dropped: to its place in the text, or to its row where it has none. */
  nextReason(): void {
    const item = this.#view?.item;
    if (item === undefined) return;
    const reasons = reasonsOf(item);
    const before = this.#reason?.chainId === item.chain.id ? this.#reason.index : -1;
    const index = (before + 1) % Math.max(1, reasons.length);
    const reason = reasons[index];
    if (reason === undefined) {
      this.#page.say('This chain was not dropped: it passed all filters.');
      return;
    }
    this.#reason = { chainId: item.chain.id, index };
    if (reason.place !== undefined) {
      this.#page.go(reason.place, reason.words);
      return;
    }
    this.focus('filters');
    this.#page.say(reason.words);
  }

  /** Shows or hides them where the window is narrow. */
  toggle(): void {
    this.#page.page.root.classList.toggle('facts-open');
  }

  /** Takes them off the text. */
  close(): void {
    this.#page.page.root.classList.remove('facts-open');
  }

  #toggleFilters(): void {
    this.#allFilters = !this.#allFilters;
    this.show(this.#view);
  }
}
