import { render } from 'lit';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import { factsView } from './facts.ts';
import type { ReaderModel } from './model.ts';
import type { Skeleton } from './skeleton.ts';
import type { ChainView } from './views.ts';

interface PanePage {
  page: Skeleton;
  model: ReaderModel;
  goToCandidate(index: number): void;
  go(place: Place): void;
  perform(action: ReviewAction): void;
}

/** The facts at the left; where the window is narrow they lie over the text while they are asked for. */
export class FactsPane {
  readonly #page: PanePage;
  #view: ChainView | undefined;
  #allFilters = false;

  constructor(page: PanePage) {
    this.#page = page;
  }

  /** Paints the facts of the chain that is shown; hides them where there is none. */
  show(view: ChainView | undefined): void {
    this.#view = view;
    const { facts } = this.#page.page;
    facts.hidden = view === undefined;
    if (view === undefined) return;
    const { model, goToCandidate, go, perform } = this.#page;
    const { reviewer } = model;
    const options = { allFilters: this.#allFilters, reviewer, goToCandidate, go, perform };
    render(factsView(view.item, view.facts, { ...options, toggleFilters: () => this.#toggleFilters() }), facts);
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
