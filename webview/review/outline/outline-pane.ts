import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import { later } from '../../ui/later.ts';
import type { Skeleton } from '../skeleton.ts';
import type { ChainView } from '../views.ts';
import { Outline, type Outlined } from './outline.ts';
import type { OutlineRow } from './outline-rows.ts';
import type { PhaseRequests } from './phase-requests.ts';

/** Milliseconds for which a chain is shown before its phases are requested: fast keys request none. */
const REST = 300;

interface PanePage {
  page: Skeleton;
  view(): ChainView | undefined;
  phases: PhaseRequests;
  /** The phases of the shown chain have arrived. */
  arrived(): void;
  go(row: OutlineRow, announcement: string): void;
}

/** The phases of the shown chain, requested until they are known, and the outline that lists them. */
export class OutlinePane {
  readonly #page: PanePage;
  readonly #outline: Outline;
  readonly #soon = later(REST, () => this.#request());
  /** The view of the last request, until its answer arrives. */
  #asked: ChainView | undefined;
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

  #take(view: ChainView, runs: readonly PhaseRun[]): void {
    if (this.#asked === view) this.#asked = undefined;
    view.phases = runs;
    if (view !== this.#page.view()) return;
    this.#page.arrived();
    const outlined = this.#outlined();
    if (this.#outline.isOpen && outlined !== undefined) this.#outline.show(outlined);
  }

  #request(): void {
    const view = this.#page.view();
    if (view === undefined || view.phases !== undefined || view === this.#asked) return;
    this.#asked = view;
    this.#page.phases.ask(view.item.chain.id, (runs) => this.#take(view, runs));
  }

  #outlined(): Outlined | undefined {
    const view = this.#page.view();
    if (view === undefined) return undefined;
    const { trace, phases } = view;
    return { content: trace.content, runs: phases, top: trace.visible(this.#page.page.scroller).start };
  }
}
