import { render } from 'lit';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ActPayload, FromReader, Snapshot, ToReader } from '../../src/protocol/review.ts';
import { Pointed } from '../rendering/pointed.ts';
import { Slices } from '../rendering/slices.ts';
import { Announcer } from '../ui/announcer.ts';
import { moveFocus, onLeave } from '../ui/focus.ts';
import { listenForKeys, pressesControl } from '../ui/keyboard.ts';
import { later } from '../ui/later.ts';
import { type Actions, readerActions } from './actions.ts';
import { Comparison } from './comparison/comparison.ts';
import { comparisonFooter, comparisonHeader } from './comparison/comparison-frame.ts';
import { ContinuationsPane } from './continuations/continuations-pane.ts';
import { Deciding } from './deciding.ts';
import { Desk } from './desk.ts';
import { introduction } from './facts/answers.ts';
import { FactsPane } from './facts/facts-pane.ts';
import { FindBar } from './find.ts';
import { AskBar } from './forms.ts';
import { emptyText, footerView, headerView, onlySample } from './frame.ts';
import type { Host, SavedState } from './host.ts';
import { KeySheet } from './key-sheet.ts';
import { actionFor, isDecision, worksWithoutChain } from './keys.ts';
import { ReaderModel, shownText } from './model.ts';
import { OutlinePane } from './outline/outline-pane.ts';
import { PhaseRequests } from './outline/phase-requests.ts';
import { Scrolling } from './scrolling.ts';
import type { Skeleton } from './skeleton.ts';
import { Marking } from './spans/marking.ts';
import { Ribbon } from './spans/ribbon.ts';
import { SpanTools } from './spans/tools.ts';
import { ValueLine } from './values/value-line.ts';
import { type ChainView, ChainViews } from './views.ts';

/** The reader: shows the chain of the last snapshot, handles keys, and sends acts. */
export class ReaderApp {
  readonly #host: Host;
  readonly #page: Skeleton;
  readonly #model = new ReaderModel();
  readonly #views = new ChainViews();
  readonly #slices = new Slices();
  readonly #announcer = new Announcer();
  readonly #marking: Marking;
  readonly #ribbon: Ribbon;
  readonly #values: ValueLine;
  readonly #ask: AskBar;
  readonly #find: FindBar;
  readonly #sheet: KeySheet;
  readonly #comparison: Comparison;
  readonly #desk: Desk;
  readonly #deciding: Deciding;
  readonly #tools: SpanTools;
  readonly #facts: FactsPane;
  readonly #continuations: ContinuationsPane;
  readonly #outline: OutlinePane;
  readonly #phases: PhaseRequests;
  readonly #scrolling: Scrolling;
  readonly #actions: Actions;
  readonly #pointed = new Pointed();
  #view: ChainView | undefined;
  /** Keys that were pressed while the next chain was loading. */
  readonly #buffer: { action: ReviewAction; pressedAt: number }[] = [];
  #resume: SavedState | undefined;
  readonly #saveSoon = later(300, () => this.#save());

  constructor(host: Host, page: Skeleton) {
    this.#host = host;
    this.#page = page;
    this.#resume = host.saved();
    const focus = (): void => (this.#comparison.isOpen ? this.#comparison.focus() : moveFocus(page.scroller));
    this.#phases = new PhaseRequests((message) => host.post(message));
    this.#marking = new Marking({
      trace: () => this.#view?.trace,
      item: () => this.#view?.item,
      scroller: page.scroller,
      announcer: this.#announcer,
      pointed: this.#pointed,
      act: (act) => this.#withChain((chainId) => this.#act(chainId, act)),
      lit: () => this.#tools.place(),
    });
    this.#tools = new SpanTools({
      trace: () => this.#view?.trace,
      moves: this.#marking.moves,
      pointed: this.#pointed,
      perform: (action) => this.#perform(action),
      place: page.tools,
    });
    this.#desk = new Desk({
      announcer: this.#announcer,
      post: (message) => host.post(message),
      save: (chainId, changes) => this.#act(chainId, { act: 'edit', changes }),
      focus,
      changed: (when) => (when === 'now' ? this.#save() : this.#saveSoon()),
    });
    this.#ribbon = new Ribbon(page.ribbon, (offset, spanId) => {
      this.#view?.trace.reveal(page.scroller, offset);
      if (spanId !== undefined) this.#marking.lightSpan(spanId, true);
    });
    this.#values = new ValueLine(page.values, (offset) => this.#view?.trace.reveal(page.scroller, offset));
    this.#ask = new AskBar(page.ask, focus);
    this.#deciding = new Deciding({
      model: this.#model,
      ask: this.#ask,
      announcer: this.#announcer,
      item: () => this.#view?.item,
      hasDraft: (chainId) => this.#desk.holds(chainId),
      post: (message) => host.post(message),
      elsewhere: (move) => this.#elsewhere(move),
      show: () => this.#show(),
    });
    this.#facts = this.#newFacts();
    this.#find = new FindBar(page.find, page.scroller, focus);
    this.#sheet = new KeySheet(page.root);
    this.#outline = new OutlinePane({
      page,
      view: () => this.#view,
      phases: this.#phases,
      arrived: () => this.#showRibbon(),
      go: ({ start, firstEnd }, announcement) => this.#point({ start, end: firstEnd }, announcement),
    });
    this.#continuations = this.#newContinuations(focus);
    this.#comparison = this.#newComparison();
    this.#scrolling = this.#newScrolling();
    this.#actions = this.#newActions();
    page.middle.after(this.#comparison.element);
    page.root.append(this.#announcer.loud);
    this.#listen();
    this.#renderFrame();
    host.listen((message) => this.#receive(message));
    host.post({ type: 'ready' });
  }

  #newFacts(): FactsPane {
    return new FactsPane({
      page: this.#page,
      model: this.#model,
      goTo: (what, index) => this.#marking.goTo(what, index),
      go: (place, announcement) => this.#point(place, announcement),
      goToStep: (step, words) => this.#marking.sentence.goTo(step, words),
      goToChain: (chainId) => this.#goToChain(chainId),
      warn: (text) => this.#announcer.announce(text, 'warning'),
      perform: (action) => this.#perform(action),
    });
  }

  #newContinuations(focus: () => void): ContinuationsPane {
    const post = (message: FromReader): void => this.#host.post(message);
    return new ContinuationsPane({ place: this.#page.continuations, announcer: this.#announcer, post, focus });
  }

  #newComparison(): Comparison {
    return new Comparison({
      behind: this.#page.middle,
      slices: this.#slices,
      announcer: this.#announcer,
      ask: this.#ask,
      phases: this.#phases,
      post: (message) => this.#host.post(message),
      nextSeq: () => this.#model.nextSeq(),
      isOutdated: (ack) => this.#model.isOutdated(ack),
      hasDraft: (chainId) => this.#desk.holds(chainId),
      reverse: (act) => this.#deciding.reverse(act),
      help: () => this.#sheet.open(),
      onlySample: () => onlySample(this.#model.file !== undefined),
      changed: (chainId) => this.#compared(chainId),
    });
  }

  #newScrolling(): Scrolling {
    return new Scrolling({
      page: this.#page,
      slices: this.#slices,
      view: () => this.#view,
      placed: () => {
        this.#tools.place();
        this.#marking.sentence.place();
      },
      scrolled: (trace) => {
        this.#marking.sentence.place();
        if (trace !== undefined) this.#ribbon.setWindow(trace.visible(this.#page.scroller));
        this.#saveSoon();
      },
    });
  }

  #newActions(): Actions {
    return readerActions({
      deciding: this.#deciding,
      marking: this.#marking,
      outline: this.#outline,
      facts: this.#facts,
      find: this.#find,
      comparison: this.#comparison,
      sheet: this.#sheet,
      reader: {
        view: () => this.#view,
        step: (to) => this.#step(to),
        edit: () => this.#edit(),
        toggleRaw: () => this.#toggleRaw(),
        continueHere: () => this.#continueHere(),
        deadEnd: this.#deadEnd,
        post: (message) => this.#host.post(message),
      },
    });
  }

  #listen(): void {
    this.#slices.add(0, () => this.#view?.trace.work(false));
    this.#slices.add(1, () => this.#prepared(this.#model.next));
    this.#slices.add(2, () => this.#prepared(this.#model.previous));
    const { scroller } = this.#page;
    listenForKeys(
      (event) => this.#key(event),
      (event) => isDecision(actionFor(event)),
    );
    scroller.addEventListener('click', ({ target }) =>
      this.#marking.clicked(target instanceof Element ? target : null),
    );
    scroller.addEventListener('mousedown', () => {
      document.addEventListener('mouseup', () => this.#marking.snapSelection(), { once: true });
    });
    document.addEventListener('copy', (event) => {
      if (!this.#desk.open) this.#marking.copy(event);
    });
    onLeave(() => {
      this.#desk.flush();
      this.#save();
    });
  }

  #receive(message: ToReader): void {
    switch (message.type) {
      case 'snapshot':
        this.#snapshot(message);
        break;
      case 'progress':
        this.#model.progress(message);
        this.#renderFrame();
        break;
      case 'announce':
        if (message.tone !== 'info') this.#deciding.deadEnd();
        this.#announcer.announce(message.text, message.tone);
        break;
      case 'perform':
        this.#perform(message.action);
        break;
      case 'phases':
        this.#phases.take(message);
        break;
      case 'compared':
        this.#comparison.take(message);
        break;
      case 'continuing':
        this.#continuations.begin(message.of);
        break;
      case 'continued':
        this.#continuations.take(message.event);
        break;
      case 'continuingEnded':
        this.#continuations.end(message.error);
    }
  }

  #snapshot(snapshot: Snapshot): void {
    if (!this.#model.take(snapshot)) return;
    const resume = this.#resume;
    this.#resume = undefined;
    const id = snapshot.item?.chain.id;
    const resumed = resume !== undefined && resume.chainId === id ? resume : undefined;
    if (id !== undefined && resumed?.top !== undefined) this.#scrolling.remember(id, resumed.top);
    this.#desk.take(snapshot.item, resumed?.draft ?? snapshot.draft);
    this.#show();
    this.#marking.settle();
    this.#deciding.settle();
    if (resumed?.editing === true && this.#desk.holds(id)) this.#edit();
    if (resume?.compared !== undefined && resume.compared.length > 1) this.#comparison.request(resume.compared);
    // Keys pressed meanwhile apply to this chain.
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#perform(next.action, next.pressedAt);
  }

  #next(): { action: ReviewAction; pressedAt: number } | undefined {
    return this.#model.waiting ? undefined : this.#buffer.shift();
  }

  /** Shows the model; replaces the trace only if it is another one. */
  #show(): void {
    const { item, next, previous } = this.#model;
    const left = this.#view;
    const view = item === null ? undefined : this.#views.of(item);
    this.#view = view;
    if (view?.trace !== left?.trace) this.#swap(left, view);
    this.#views.keep([item, next, previous]);
    this.#showRibbon();
    this.#outline.follow();
    this.#continuations.follow(view?.item.chain.id);
    this.#renderFrame();
    this.#slices.wake();
    this.#saveSoon();
  }

  #showRibbon(): void {
    this.#ribbon.show(this.#view?.trace.content, this.#view?.phases);
    this.#values.show(this.#view?.item.values, this.#view?.trace.content);
  }

  #swap(left: ChainView | undefined, view: ChainView | undefined): void {
    const top = this.#scrolling.swap(left, view, (isSame) => {
      this.#desk.leave();
      if (!isSame) this.#deciding.withdraw();
      if (!isSame && this.#ask.open) this.#ask.close();
    });
    this.#find.follow(view?.trace);
    if (view === undefined) return;
    const { trace } = view;
    trace.onWork = () => this.#slices.wake();
    trace.onRendered = (block) => this.#find.rendered(block);
    trace.onLayout = () => this.#scrolling.placed();
    if (left?.item.chain.id === view.item.chain.id) trace.focusSpan(left.trace.focused);
    if (top !== undefined && top > 0) trace.reveal(this.#page.scroller, top);
  }

  #prepared(item: ChainView['item'] | null): ReturnType<ChainView['trace']['work']> {
    return item === null ? undefined : this.#views.of(item).trace.work(true);
  }

  #renderFrame(): void {
    const { header, footer, empty } = this.#page;
    const comparison = this.#comparison.state;
    const perform = (action: ReviewAction): void => this.#perform(action);
    if (comparison !== undefined) {
      render(comparisonHeader(comparison), header);
      render(comparisonFooter(comparison, this.#announcer, perform), footer);
      return;
    }
    render(
      headerView(this.#model, {
        toggleFacts: () => this.#facts.toggle(),
        outline: () => this.#perform('outline'),
        filter: () => this.#host.post({ type: 'filter' }),
        removeFilter: (filter) => this.#deciding.removeFilter(filter),
        chooseColumns: () => this.#host.post({ type: 'columns' }),
        goToRow: () => this.#host.post({ type: 'goToRow' }),
        makeDataset: () => this.#host.post({ type: 'makeDataset' }),
      }),
      header,
    );
    render(footerView(this.#model, this.#announcer, perform), footer);
    empty.hidden = this.#model.empty;
    empty.textContent = emptyText(this.#model);
    this.#facts.show(this.#view);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      this.#announcer.clear();
      this.#deciding.withdraw();
      if (this.#comparison.isOpen) {
        if (document.querySelector('dialog[open]') === null) this.#comparison.close();
        return;
      }
      if ((this.#continuations.hasFocus || this.#continuations.isRunning) && this.#continuations.close()) return;
      this.#pointed.clear();
      this.#facts.close();
      this.#marking.lightSpan(undefined, false);
      this.#marking.sentence.clear();
      return;
    }
    if (document.querySelector('dialog[open]') !== null) return;
    // Otherwise a held Enter presses a button repeatedly, and confirms.
    if (event.repeat && event.key === 'Enter') event.preventDefault();
    const action = pressesControl(event) ? undefined : actionFor(event);
    if (action === undefined || this.#marking.selects(event) || this.#scrolls(event)) return;
    event.preventDefault();
    // A held key decides only one chain.
    if (event.repeat && isDecision(action)) return;
    this.#perform(action, event.timeStamp);
  }

  #perform(action: ReviewAction, pressedAt = performance.now()): void {
    this.#announcer.clear();
    this.#pointed.clear();
    if (action !== 'accept') this.#deciding.withdraw();
    if (this.#model.waiting) {
      this.#buffer.push({ action, pressedAt });
      return;
    }
    if (this.#comparison.isOpen) {
      if (!this.#comparison.perform(action, pressedAt)) {
        this.#deadEnd('Press Esc to return to the reader first.');
      }
      return;
    }
    if (this.#view === undefined && !worksWithoutChain(action, this.#model.total)) {
      this.#deadEnd('The queue has no chains.');
      return;
    }
    this.#actions[action](pressedAt);
  }

  #withChain(send: (chainId: string) => void): void {
    if (this.#view !== undefined) send(this.#view.item.chain.id);
  }

  /** The comparison changed, or closed and goes to a chain. */
  #compared(chainId: string | undefined): void {
    if (chainId !== undefined && chainId !== this.#view?.item.chain.id) {
      this.#goToChain(chainId);
    }
    this.#renderFrame();
    if (!this.#comparison.isOpen) moveFocus(this.#page.scroller);
    this.#saveSoon();
  }

  /** Whether an arrow key scrolls what has the focus: the facts, or a compared sample. */
  #scrolls({ key, shiftKey, target }: KeyboardEvent): boolean {
    if ((key !== 'ArrowUp' && key !== 'ArrowDown') || shiftKey) return false;
    return this.#comparison.isOpen || (target instanceof Element && target.closest('.facts') !== null);
  }

  /** Before the sentences of the cursor, which the model writes anew; at the place of the cursor's entry, the end of the text is continued. */
  #continueHere(): void {
    const at = this.#marking.sentence.range?.start;
    this.#withChain((chainId) => {
      if (this.#desk.holds(chainId)) this.#deadEnd('Save or discard the edit first.');
      else if (at === undefined || at === 0)
        this.#deadEnd('Move the sentence cursor to the first sentence that the model should write.');
      else this.#host.post({ type: 'continue', chainId, at });
    });
  }

  #step(to: 'next' | 'previous'): void {
    this.#host.post({ type: 'go', seq: this.#model.nextSeq(), to });
    if (!this.#model.step(to)) return;
    this.#show();
    if (this.#model.item !== null) this.#announcer.announce('', 'info', introduction(this.#model.item));
  }

  #goToChain(chainId: string): void {
    this.#elsewhere({ type: 'go', seq: this.#model.nextSeq(), to: { chainId } });
  }

  /** A move whose result only the host knows. Keys pressed meanwhile apply to the result. */
  #elsewhere(move: FromReader): void {
    this.#model.waiting = true;
    this.#host.post(move);
  }

  /** An act that changes the text or the spans. */
  #act(chainId: string, act: ActPayload): void {
    const { item } = this.#model;
    const on = item?.chain.id === chainId ? shownText(item) : { chainId };
    this.#elsewhere({ type: 'act', seq: this.#model.nextSeq(), ...on, act });
  }

  /** Goes to a place in the text and highlights it until the next move. */
  #point({ start, end }: Place, announcement?: string): void {
    const trace = this.#view?.trace;
    if (trace === undefined) return;
    this.#facts.close();
    trace.reveal(this.#page.scroller, start);
    this.#pointed.show(trace, start, end);
    this.#announcer.announce(announcement ?? trace.content.text.slice(start, Math.min(end, start + 80)));
  }

  #toggleRaw(): void {
    const trace = this.#view?.trace;
    const range = this.#marking.place();
    const block = range === undefined ? trace?.blockInView(this.#page.scroller) : trace?.blockAt(range.start);
    if (trace === undefined || block === undefined) return;
    trace.toggleSource(block);
    this.#announcer.announce(block.asSource ? 'Source shown.' : 'Rendered again.');
  }

  #edit(): void {
    const view = this.#view;
    if (view === undefined) return;
    const { trace } = view;
    const focused = trace.focused === undefined ? undefined : trace.span(trace.focused);
    const seen = trace.blockInView(this.#page.scroller);
    this.#desk.edit(view, this.#marking.place()?.start ?? focused?.start ?? seen?.start ?? 0);
  }

  readonly #deadEnd = (text: string): void => this.#announcer.announce(text, 'warning');

  #save(): void {
    if (this.#model.empty) return;
    this.#host.save({
      dataset: this.#model.dataset,
      query: this.#model.filters.map(({ clause }) => clause),
      chainId: this.#view?.item.chain.id,
      top: this.#view?.trace.visible(this.#page.scroller).start,
      draft: this.#desk.draft,
      editing: this.#desk.open,
      compared: this.#comparison.chainIds,
    });
  }
}
