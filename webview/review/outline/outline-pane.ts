import type { FromReader, Phases } from '../../../src/protocol/review.ts';
import { later } from '../../ui/later.ts';
import type { Skeleton } from '../skeleton.ts';
import type { ChainView } from '../views.ts';
import { Outline, type Outlined } from './outline.ts';
import type { OutlineRow } from './outline-rows.ts';

/** Milliseconds for which a chain is shown before its phases are requested: fast keys request none. */
const REST = 300;

interface PanePage {
  page: Skeleton;
  view(): ChainView | undefined;
  post(message: FromReader): void;
  /** The phases of the shown chain have arrived. */
  arrived(): void;
  go(row: OutlineRow, announcement: string): void;
}

/** The phases of the shown chain, requested until they are known, and the outline that lists them. */
export class OutlinePane {
  readonly #page: PanePage;
  readonly #outline: Outline;
  readonly #soon = later(REST, () => this.#request());
  #asked: { request: number; view: ChainView } | undefined;
  #last = 0;
  /** The view whose parts the outline lists. */
  #listed: ChainView | undefined;

  constructor(page: PanePage) {
    this.#page = page;
    this.#outline = new Outline(page.page.root, (row, announcement) => page.go(row, announcement));
  }

  /** Perhaps another chain or text is shown: requests its phases when the reviewer stays there. An open outline lists its parts. */
  follow(): void {
    const view = this.#page.view();
    if (this.#outline.isOpen && view !== this.#listed) {
      if (view === undefined) this.#outline.close();
      else this.open();
    } else if (view?.phases === undefined) this.#soon();
  }

  /** Opens the outline; its rows may arrive later. */
  open(): void {
    const outlined = this.#outlined();
    if (outlined === undefined) return;
    this.#request();
    this.#listed = this.#page.view();
    this.#outline.open(outlined);
  }

  /** Takes an answer; one to an earlier request is of another chain or text. */
  take({ request, runs }: Phases): void {
    const asked = this.#asked;
    if (asked?.request !== request) return;
    this.#asked = undefined;
    asked.view.phases = runs;
    if (asked.view !== this.#page.view()) return;
    this.#page.arrived();
    const outlined = this.#outlined();
    if (this.#outline.isOpen && outlined !== undefined) this.#outline.show(outlined);
  }

  #request(): void {
    const view = this.#page.view();
    if (view === undefined || view.phases !== undefined) return;
    this.#last += 1;
    this.#asked = { request: this.#last, view };
    this.#page.post({ type: 'phases', request: this.#last, chainId: view.item.chain.id });
  }

  #outlined(): Outlined | undefined {
    const view = this.#page.view();
    if (view === undefined) return undefined;
    const { trace, phases } = view;
    return { content: trace.content, runs: phases, top: trace.visible(this.#page.page.scroller).start };
  }
}
