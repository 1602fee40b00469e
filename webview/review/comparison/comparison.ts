import { defined } from '../../../src/core/defined.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import {
  type ChainDecision,
  type Compared,
  type FromReader,
  MOST_COMPARED,
  type ReviewItem,
} from '../../../src/protocol/review.ts';
import type { Slices } from '../../rendering/slices.ts';
import type { Announcer } from '../../ui/announcer.ts';
import { moveFocus } from '../../ui/focus.ts';
import { DECISION_OF } from '../../ui/format.ts';
import { AcceptQuestion } from '../accept-question.ts';
import type { AskBar } from '../forms.ts';
import { pressOf } from '../keys.ts';
import { shownText } from '../model.ts';
import type { PhaseRequests } from '../outline/phase-requests.ts';
import { ChainViews } from '../views.ts';
import { Differences } from './differences.ts';
import { describeSample, SampleColumn } from './sample-column.ts';
import { SampleWalk } from './sample-walk.ts';
import { ScrollTogether } from './scroll-together.ts';

/** The reason of the samples that *Keep This Sample* rejects. */
const NOT_KEPT = 'another sample kept';
/** Width of a column at first, in pixels: narrower ones break many formulas. */
const COLUMN_WIDTH = 340;

interface ComparisonPage {
  /** What is below the comparison. */
  behind: HTMLElement;
  slices: Slices;
  announcer: Announcer;
  ask: AskBar;
  phases: PhaseRequests;
  post(message: FromReader): void;
  nextSeq(): number;
  /** Whether a newer message than this one was sent. */
  isOutdated(ack: number): boolean;
  /** Whether a chain has an unsaved edit. */
  hasDraft(chainId: string): boolean;
  reverse(act: 'undo' | 'redo'): void;
  help(): void;
  /** Why there is nothing to compare with. */
  onlySample(): string;
  /** The comparison opened, changed or closed. @param chainId The chain that the reader goes to. */
  changed(chainId?: string): void;
}

/** What header and footer of the page show of a comparison. */
export interface ComparisonState {
  problemId: string;
  shown: number;
  total: number;
  together: boolean;
  differences: boolean;
}

/** Two to four samples of one problem side by side, over the text of the reader. One of them is current: keys act on it. */
export class Comparison {
  readonly element = document.createElement('main');
  readonly #page: ComparisonPage;
  readonly #views = new ChainViews();
  readonly #columns: SampleColumn[] = [];
  readonly #together = new ScrollTogether(() => this.#columns);
  readonly #differences = new Differences();
  readonly #question: AcceptQuestion;
  readonly #walk: SampleWalk;
  #ids: readonly string[] = [];
  #at = 0;
  /** Whether samples were asked for since the last close. The host may have sent a change before it knew of that. */
  #isRequested = false;
  #stop: (() => void) | undefined;

  constructor(page: ComparisonPage) {
    this.#page = page;
    this.#question = new AcceptQuestion(page.announcer, page.hasDraft);
    this.#walk = new SampleWalk(page.announcer);
    this.element.className = 'comparison';
    this.element.setAttribute('aria-label', 'Samples');
    this.element.hidden = true;
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Chains of the columns; empty without a comparison. */
  get chainIds(): string[] {
    return this.isOpen ? this.#items.map(({ chain }) => chain.id) : [];
  }

  get state(): ComparisonState | undefined {
    const item = this.#current?.item;
    if (!this.isOpen || item === undefined) return undefined;
    return {
      problemId: item.problem.id,
      shown: this.#columns.length,
      total: this.#ids.length,
      together: this.#together.on,
      differences: this.#differences.on,
    };
  }

  /** Asks for samples; the answer opens the comparison. @param chainIds One for a new comparison, or those of a saved one. */
  request(chainIds: readonly string[], columns = Math.max(chainIds.length, fitting())): void {
    this.#isRequested = true;
    this.#page.post({ type: 'compare', chainIds: chainIds.slice(0, MOST_COMPARED), columns });
  }

  /** Shows the samples of an answer. */
  take({ ack, ids, items }: Compared): void {
    if (!this.#isRequested || this.#page.isOutdated(ack)) return;
    if (items.length < 2) {
      this.#page.announcer.announce(this.#page.onlySample(), 'warning');
      this.close();
      return;
    }
    const opens = !this.isOpen;
    const before = this.chainIds;
    this.#ids = ids;
    this.#fit(items.length);
    if (opens) this.#at = 0;
    this.element.hidden = false;
    this.#page.behind.inert = true;
    this.#show(items);
    if (opens) this.#enter(0);
    else if (this.chainIds[this.#at] !== before[this.#at]) this.#introduce();
  }

  /** Returns to the reader. @param chainId The chain to show there; without it, the one from before. */
  close(chainId?: string): void {
    const wasOpen = this.isOpen;
    this.#isRequested = false;
    this.element.hidden = true;
    this.#page.behind.inert = false;
    this.#question.withdraw();
    this.#stop?.();
    this.#stop = undefined;
    this.#differences.clear();
    for (const column of this.#columns.splice(0)) column.element.remove();
    this.#page.post({ type: 'compare', chainIds: [], columns: 2 });
    if (wasOpen) this.#page.changed(chainId);
  }

  focus(): void {
    moveFocus(this.#current?.scroller);
  }

  /** Performs an action. @returns Whether it exists in a comparison. */
  perform(action: ReviewAction, pressedAt: number): boolean {
    if (action !== 'accept' && action !== 'keepSample') this.#question.withdraw();
    const perform = this.#actions[action];
    perform?.(pressedAt);
    return perform !== undefined;
  }

  readonly #actions: Partial<Record<ReviewAction, (pressedAt: number) => void>> = {
    accept: (pressedAt) => this.#accept(pressedAt),
    acceptBecause: () => this.#acceptBecause(),
    reject: () => this.#reject(),
    skip: () => this.#decideCurrent({ act: 'skip' }),
    keepSample: (pressedAt) => this.#keep(pressedAt),
    undo: () => this.#page.reverse('undo'),
    redo: () => this.#page.reverse('redo'),
    next: () => this.#step(1),
    previous: () => this.#step(-1),
    nextSpan: () => this.#walk.step(this.#current, 'span', 1),
    previousSpan: () => this.#walk.step(this.#current, 'span', -1),
    nextCandidate: () => this.#walk.step(this.#current, 'candidate', 1),
    previousCandidate: () => this.#walk.step(this.#current, 'candidate', -1),
    addSample: () => this.#add(),
    removeSample: () => this.#remove(),
    scrollTogether: () => this.#toggleTogether(),
    differences: () => this.#toggleDifferences(),
    compare: () => this.close(this.#current?.item?.chain.id),
    help: () => this.#page.help(),
  };

  get #current(): SampleColumn | undefined {
    return this.#columns[this.#at];
  }

  get #items(): ReviewItem[] {
    return this.#columns.flatMap(({ item }) => item ?? []);
  }

  #show(items: readonly ReviewItem[]): void {
    this.#at = Math.min(this.#at, items.length - 1);
    items.forEach((item, index) => {
      const column = this.#columns[index];
      if (column === undefined) return;
      const view = this.#views.of(item);
      if (column.show(view, this.#name(index), index === this.#at)) this.#began(column);
    });
    this.#views.keep(items);
    this.#differences.show(this.#columns);
    this.#page.slices.wake();
    this.#page.changed();
  }

  /** Another text is in a column. */
  #began(column: SampleColumn): void {
    const { view } = column;
    if (view === undefined) return;
    const { trace, item, phases } = view;
    trace.onWork = () => this.#page.slices.wake();
    trace.onRendered = (block) => this.#differences.rendered(column, block);
    this.#walk.restart();
    if (phases !== undefined) return;
    this.#page.phases.ask(item.chain.id, (runs) => {
      view.phases = runs;
      this.#together.align();
    });
  }

  /** Adds or removes columns. */
  #fit(count: number): void {
    while (this.#columns.length > count) this.#columns.pop()?.element.remove();
    while (this.#columns.length < count) this.#columns.push(this.#column());
    this.element.style.setProperty('--columns', String(count));
    this.#stop ??= this.#page.slices.add(0, () => {
      for (const { trace } of this.#columns) {
        const work = trace?.work(false);
        if (work !== undefined) return work;
      }
      return undefined;
    });
  }

  #column(): SampleColumn {
    const column = new SampleColumn((index) => {
      this.#enter(this.#columns.indexOf(column));
      this.#walk.toCandidate(column, index);
    });
    const here = (): void => this.#arrive(this.#columns.indexOf(column));
    column.element.addEventListener('focusin', here);
    column.element.addEventListener('pointerdown', here);
    this.#together.watch(column);
    this.element.append(column.element);
    return column;
  }

  #name(index: number): string {
    return `Sample ${formatCount(index + 1)} of ${formatCount(this.#columns.length)}`;
  }

  /** A column got the focus or a click. */
  #arrive(index: number): void {
    if (index < 0 || index === this.#at) return;
    this.#select(index);
    this.#introduce();
  }

  #select(index: number): void {
    this.#at = index;
    this.#walk.restart();
    this.#question.withdraw();
    this.#show(this.#items);
  }

  #enter(index: number): void {
    if (index !== this.#at) this.#select(index);
    this.focus();
    if (this.#current !== undefined) this.#together.lead(this.#current);
    this.#introduce();
  }

  #introduce(): void {
    const item = this.#current?.item;
    if (item !== undefined) this.#page.announcer.announce('', 'info', describeSample(item, this.#name(this.#at)));
  }

  /** The next column; beyond the last one, the next sample in it. */
  #step(direction: 1 | -1): void {
    const to = this.#at + direction;
    if (this.#columns[to] !== undefined) {
      this.#enter(to);
      return;
    }
    const shown = this.chainIds;
    const here = this.#ids.indexOf(shown[this.#at] ?? '');
    const ordered = direction === 1 ? this.#ids.slice(here + 1) : this.#ids.slice(0, Math.max(0, here)).reverse();
    const other = ordered.find((id) => !shown.includes(id));
    if (other === undefined) {
      this.#deadEnd(direction === 1 ? 'This is the last sample.' : 'This is the first sample.');
      return;
    }
    this.request(shown.with(this.#at, other), shown.length);
  }

  #add(): void {
    const { length } = this.#columns;
    if (length >= this.#ids.length) this.#deadEnd('All samples of the problem are shown.');
    else if (length >= MOST_COMPARED)
      this.#deadEnd(`At most ${plural(MOST_COMPARED, 'sample')} can be compared. Remove one first.`);
    else this.request(this.chainIds, length + 1);
  }

  #remove(): void {
    if (this.#columns.length <= 2) this.#deadEnd('A comparison has at least two samples.');
    else this.request(this.chainIds.toSpliced(this.#at, 1), this.#columns.length - 1);
  }

  #accept(pressedAt: number): void {
    const item = this.#current?.item;
    if (item !== undefined && this.#question.allows(item, 'accept', pressedAt)) this.#decideCurrent({ act: 'accept' });
  }

  #acceptBecause(): void {
    const item = this.#current?.item;
    if (item === undefined) return;
    const on = shownText(item);
    const now = (): ReviewItem | undefined => this.#items.find(({ chain }) => chain.id === on.chainId);
    this.#question.askReason(this.#page.ask, now, (reason) => {
      this.#decide([{ ...on, act: { act: 'accept', ...defined({ reason }) } }]);
      this.focus();
    });
  }

  #reject(): void {
    const item = this.#current?.item;
    if (item === undefined) return;
    // The text that is rejected is the one that was shown when the form opened.
    const on = shownText(item);
    this.#page.ask.askReason((reason) => {
      this.#decide([{ ...on, act: reason === undefined ? { act: 'reject' } : { act: 'reject', reason } }]);
      this.focus();
    });
  }

  #decideCurrent(act: ChainDecision['act']): void {
    const item = this.#current?.item;
    if (item === undefined) return;
    if (item.state.decision === DECISION_OF[act.act]) this.#deadEnd(`This sample is ${item.state.decision} already.`);
    else this.#decide([{ ...shownText(item), act }]);
  }

  /** Accepts the current sample and rejects the other shown ones, in one step. Samples that are decided so already stay as they are. */
  #keep(pressedAt: number): void {
    const kept = this.#current?.item;
    if (kept === undefined || !this.#question.allows(kept, 'keepSample', pressedAt)) return;
    const decisions = this.#items.flatMap((item): ChainDecision[] => {
      const { decision } = item.state;
      const on = shownText(item);
      if (on.chainId === kept.chain.id) return decision === 'accepted' ? [] : [{ ...on, act: { act: 'accept' } }];
      return decision === 'rejected' ? [] : [{ ...on, act: { act: 'reject', reason: NOT_KEPT } }];
    });
    if (decisions.length === 0) this.#deadEnd('This sample is kept already.');
    else this.#decide(decisions);
  }

  #decide(decisions: ChainDecision[]): void {
    this.#question.withdraw();
    this.#page.post({ type: 'decide', seq: this.#page.nextSeq(), decisions });
    // Shown at once; the host's answer replaces it.
    this.#show(
      this.#items.map((item) => {
        const made = decisions.find(({ chainId }) => chainId === item.chain.id)?.act;
        if (made === undefined) return item;
        return { ...item, state: { ...item.state, decision: DECISION_OF[made.act], reason: made.reason } };
      }),
    );
    const [first, ...others] = decisions;
    const current = this.#current?.item?.chain.id;
    const name = first?.chainId === current ? this.#name(this.#at) : 'Sample';
    this.#page.announcer.announce(
      others.length === 0 && first !== undefined
        ? `${name} ${DECISION_OF[first.act.act]}.`
        : `${this.#name(this.#at)} kept, ${plural(this.#columns.length - 1, 'other')} rejected. ${pressOf('undo')} to undo it.`,
    );
  }

  #toggleTogether(): void {
    this.#together.on = !this.#together.on;
    if (this.#current !== undefined) this.#together.lead(this.#current);
    this.#together.align();
    this.#page.announcer.announce(this.#together.on ? 'Samples scroll together, by phase.' : 'Samples scroll freely.');
    this.#page.changed();
  }

  #toggleDifferences(): void {
    this.#differences.on = !this.#differences.on;
    this.#differences.show(this.#columns);
    const own = this.#current === undefined ? 0 : this.#differences.count(this.#current);
    this.#page.announcer.announce(
      this.#differences.on
        ? `${plural(own, 'sentence is', 'sentences are')} in this sample only.`
        : 'Differences hidden.',
    );
    this.#page.changed();
  }

  #deadEnd(text: string): void {
    this.#page.announcer.announce(text, 'warning');
  }
}

/** Columns that fit the window. */
function fitting(): number {
  return Math.max(2, Math.min(MOST_COMPARED, Math.floor(window.innerWidth / COLUMN_WIDTH)));
}
