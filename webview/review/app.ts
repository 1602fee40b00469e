import { render } from 'lit';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ActPayload, EditDraft, FromReader, Snapshot, ToReader } from '../../src/protocol/review.ts';
import { Slices } from '../rendering/slices.ts';
import { isTyping } from '../ui/toolkit.ts';
import { Announcer } from './announcer.ts';
import { Comparison, KeySheet } from './dialogs.ts';
import { Editing } from './editing.ts';
import { factsView } from './facts.ts';
import { FindBar } from './find.ts';
import { AskBar } from './forms.ts';
import { footerView, headerView } from './frame.ts';
import type { Host, SavedState } from './host.ts';
import { actionFor, worksWithoutChain } from './keys.ts';
import { Marking } from './marking.ts';
import { ReaderModel } from './model.ts';
import { Ribbon } from './ribbon.ts';
import { isSaved, type Saving, savingOf } from './saving.ts';
import type { Skeleton } from './skeleton.ts';
import { type ChainView, ChainViews } from './views.ts';
import { DECISION_OF } from './words.ts';

/** The reader: takes snapshots and keys, shows the chain, sends acts. */
export class ReaderApp {
  readonly #host: Host;
  readonly #page: Skeleton;
  readonly #model = new ReaderModel();
  readonly #views = new ChainViews();
  readonly #slices = new Slices();
  readonly #announcer = new Announcer();
  readonly #marking: Marking;
  readonly #ribbon: Ribbon;
  readonly #ask: AskBar;
  readonly #find: FindBar;
  readonly #sheet: KeySheet;
  readonly #comparison: Comparison;
  #view: ChainView | undefined;
  #editing: Editing | undefined;
  #draft: EditDraft | undefined;
  #saving: Saving | undefined;
  #allFilters = false;
  /** Upper edge of the screen in chains that were left, as source offsets. */
  readonly #tops = new Map<string, number>();
  /** Keys that came while the next chain was on its way. */
  readonly #buffer: ReviewAction[] = [];
  #resume: SavedState | undefined;
  #windowFrame = 0;
  #scrollTop = 0;
  #saveTimer = 0;

  constructor(host: Host, page: Skeleton) {
    this.#host = host;
    this.#page = page;
    this.#resume = host.saved();
    const focus = (): void => page.scroller.focus({ preventScroll: true });
    this.#marking = new Marking({
      trace: () => this.#view?.trace,
      scroller: page.scroller,
      announcer: this.#announcer,
      act: (act) => this.#act(act),
    });
    this.#ribbon = new Ribbon(page.ribbon, (offset, spanId) => {
      this.#view?.trace.reveal(page.scroller, offset);
      if (spanId !== undefined) this.#marking.lightSpan(spanId, true);
    });
    this.#ask = new AskBar(page.ask, focus);
    this.#find = new FindBar(page.find, page.scroller, focus);
    this.#sheet = new KeySheet(page.root);
    this.#comparison = new Comparison(page.root, this.#slices, (chainId) =>
      this.#elsewhere({ type: 'go', seq: this.#model.nextSeq(), to: { chainId } }),
    );
    page.root.append(this.#announcer.loud);
    this.#slices.add(0, () => this.#view?.trace.work(false));
    this.#slices.add(1, () => this.#prepared(this.#model.next));
    this.#slices.add(2, () => this.#prepared(this.#model.previous));
    this.#listen();
    this.#renderFrame();
    host.listen((message) => this.#receive(message));
    host.post({ type: 'ready' });
  }

  #listen(): void {
    const { scroller } = this.#page;
    window.addEventListener('keydown', (event) => this.#key(event));
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    scroller.addEventListener('click', ({ target }) =>
      this.#marking.clicked(target instanceof Element ? target : null),
    );
    document.addEventListener('copy', (event) => {
      if (this.#editing === undefined) this.#marking.copy(event);
    });
    window.addEventListener('pagehide', () => this.#leavePage());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#leavePage();
    });
    new ResizeObserver(() => {
      this.#view?.trace.layoutAgain();
      this.#scrolled();
    }).observe(scroller);
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
        this.#announcer.say(message.text, message.tone);
        break;
      case 'perform':
        this.#perform(message.action);
        break;
      case 'samples':
        if (message.samples.length === 0) this.#deadEnd('This is the only sample of the problem.');
        else this.#comparison.open(message.problemId, message.samples);
    }
  }

  #snapshot(snapshot: Snapshot): void {
    if (!this.#model.take(snapshot)) return;
    const resume = this.#resume;
    this.#resume = undefined;
    const id = snapshot.item?.chain.id;
    const resumed = resume !== undefined && resume.chainId === id ? resume : undefined;
    if (this.#draft?.chainId !== id) this.#draft = undefined;
    this.#draft = resumed?.draft ?? snapshot.draft ?? this.#draft;
    if (id !== undefined && resumed?.top !== undefined) this.#tops.set(id, resumed.top);
    this.#dropSavedDraft(snapshot.item);
    this.#show();
    if (resumed?.editing === true && this.#draft !== undefined) this.#edit();
    // A key pressed meanwhile was meant for the chain that has come now.
    for (let action = this.#next(); action !== undefined; action = this.#next()) this.#perform(action);
  }

  /** An edit that could not be written keeps its draft: the host has said why, and `e` goes on with it. */
  #dropSavedDraft(item: Snapshot['item']): void {
    const saving = this.#saving;
    this.#saving = undefined;
    if (saving === undefined || !isSaved(saving, item)) return;
    this.#keepDraft(saving.chainId, undefined);
    this.#announcer.say('Edit saved.');
  }

  #next(): ReviewAction | undefined {
    return this.#model.waiting ? undefined : this.#buffer.shift();
  }

  /** Paints what the model says; the trace is swapped only when it is another one. */
  #show(): void {
    const { item, next, previous } = this.#model;
    const left = this.#view;
    const view = item === null ? undefined : this.#views.of(item);
    this.#view = view;
    if (view?.trace !== left?.trace) {
      this.#swap(left, view);
    }
    this.#views.keep([item, next, previous]);
    if (view !== undefined) this.#ribbon.show(view.trace.content);
    this.#renderFrame();
    this.#slices.wake();
    this.#saveSoon();
  }

  #swap(left: ChainView | undefined, view: ChainView | undefined): void {
    const { scroller, empty } = this.#page;
    const same = left !== undefined && left.item.chain.id === view?.item.chain.id;
    // An edit made the text anew: the eye stays where it was.
    const seen = left?.trace.visible(scroller).start;
    const top = same ? seen : this.#tops.get(view?.item.chain.id ?? '');
    if (left !== undefined && seen !== undefined) this.#tops.set(left.item.chain.id, seen);
    this.#editing?.leave();
    if (!same && this.#ask.open) this.#ask.close();
    const entering = view?.trace;
    if (entering !== undefined && (top ?? 0) === 0) entering.entering = true;
    this.#slices.holdUntilPaint(() => {
      if (entering !== undefined) entering.entering = false;
      this.#scrolled();
    });
    scroller.replaceChildren(entering?.element ?? empty);
    // Setting the position costs a layout: only where the last chain was scrolled.
    if (this.#scrollTop > 0) scroller.scrollTop = 0;
    this.#find.follow(view?.trace);
    if (view === undefined) return;
    view.trace.onRendered = (block) => this.#find.rendered(block);
    view.trace.onLayout = () => this.#scrolled();
    if (top !== undefined && top > 0) view.trace.reveal(scroller, top);
  }

  #prepared(item: ChainView['item'] | null): ReturnType<ChainView['trace']['work']> {
    return item === null ? undefined : this.#views.of(item).trace.work(true);
  }

  #renderFrame(): void {
    const { header, facts, footer, root, empty } = this.#page;
    const toggle = (): void => void root.classList.toggle('facts-open');
    render(headerView(this.#model, toggle), header);
    render(
      footerView(this.#model, this.#announcer.quiet, (action) => this.#perform(action)),
      footer,
    );
    facts.hidden = this.#view === undefined;
    empty.hidden = this.#model.empty;
    if (this.#view === undefined) return;
    const options = {
      allFilters: this.#allFilters,
      reviewer: this.#model.reviewer,
      toggleFilters: () => {
        this.#allFilters = !this.#allFilters;
        this.#renderFrame();
      },
    };
    render(factsView(this.#view.item, this.#view.facts, options), facts);
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTyping(event)) return;
    if (event.key === 'Escape') {
      this.#announcer.hush();
      this.#page.root.classList.remove('facts-open');
      this.#marking.lightSpan(undefined, false);
      return;
    }
    if (document.querySelector('dialog[open]') !== null) return;
    const action = actionFor(event);
    if (action === undefined) return;
    event.preventDefault();
    this.#perform(action);
  }

  #perform(action: ReviewAction): void {
    this.#announcer.hush();
    if (this.#model.waiting) {
      this.#buffer.push(action);
      return;
    }
    if (this.#view === undefined && !worksWithoutChain(action, this.#model.total)) {
      this.#deadEnd('There is no chain in the queue.');
      return;
    }
    this.#actions[action]();
  }

  readonly #actions: Record<ReviewAction, () => void> = {
    accept: () => this.#decide({ act: 'accept' }),
    reject: () => this.#ask.askReason((reason) => this.#decide({ act: 'reject', ...(reason ? { reason } : {}) })),
    skip: () => this.#decide({ act: 'skip' }),
    undo: () => this.#elsewhere({ type: 'undo', seq: this.#model.nextSeq() }),
    redo: () => this.#elsewhere({ type: 'redo', seq: this.#model.nextSeq() }),
    next: () => this.#step('next'),
    previous: () => this.#step('previous'),
    nextSpan: () => this.#marking.walk('span', 1),
    previousSpan: () => this.#marking.walk('span', -1),
    nextCandidate: () => this.#marking.walk('candidate', 1),
    previousCandidate: () => this.#marking.walk('candidate', -1),
    focusProblem: () => this.#focusProblem(),
    labelVerification: () => this.#marking.label('verification'),
    labelBacktracking: () => this.#marking.label('backtracking'),
    labelSubgoal: () => this.#marking.label('subgoal'),
    labelBackward: () => this.#marking.label('backward'),
    removeLabel: () => this.#marking.removeLabel(),
    edit: () => this.#edit(),
    note: () => this.#ask.askNote(this.#view?.item.state.note ?? '', (text) => this.#note(text)),
    toggleRaw: () => this.#toggleRaw(),
    find: () => this.#find.open(this.#view?.trace),
    compare: () => this.#withChain((chainId) => this.#host.post({ type: 'compare', chainId })),
    openJournal: () => this.#withChain((chainId) => this.#host.post({ type: 'openJournal', chainId })),
    help: () => this.#sheet.open(),
  };

  #withChain(send: (chainId: string) => void): void {
    if (this.#view !== undefined) send(this.#view.item.chain.id);
  }

  #act(act: ActPayload): void {
    this.#withChain((chainId) => this.#host.post({ type: 'act', seq: this.#model.nextSeq(), chainId, act }));
  }

  #decide(act: Extract<ActPayload, { act: 'accept' | 'reject' | 'skip' }>): void {
    const item = this.#view?.item;
    if (act.act === 'accept' && this.#draft !== undefined && this.#draft.chainId === item?.chain.id) {
      this.#deadEnd('An edit of this chain is not saved: e opens it again, to save or throw away.');
      return;
    }
    this.#act(act);
    this.#model.decide(DECISION_OF[act.act], act.reason);
    this.#show();
    this.#announcer.say(`${item?.problem.id ?? ''} ${DECISION_OF[act.act]}.`);
  }

  #step(to: 'next' | 'previous'): void {
    this.#host.post({ type: 'go', seq: this.#model.nextSeq(), to });
    if (this.#model.step(to)) this.#show();
  }

  /** A move that only the host knows the end of: keys pressed meanwhile are meant for the chain or text that it leads to. */
  #elsewhere(move: FromReader): void {
    this.#model.waiting = true;
    this.#host.post(move);
  }

  #note(text: string): void {
    if (text === (this.#view?.item.state.note ?? '')) return;
    this.#act({ act: 'note', text });
    this.#announcer.say(text === '' ? 'Note taken away.' : 'Note saved.');
  }

  #focusProblem(): void {
    this.#page.root.classList.add('facts-open');
    this.#page.facts.querySelector<HTMLElement>('#problem')?.focus();
  }

  #toggleRaw(): void {
    const trace = this.#view?.trace;
    const range = this.#marking.selected();
    const block = range === undefined ? trace?.blockInView(this.#page.scroller) : trace?.blockAt(range.start);
    if (trace === undefined || block === undefined) return;
    trace.toggleSource(block);
    this.#announcer.say(block.asSource ? 'Source shown.' : 'Rendered again.');
  }

  #edit(): void {
    const view = this.#view;
    if (view === undefined) return;
    if (this.#editing !== undefined) {
      this.#editing.leave();
      return;
    }
    const { trace, item } = view;
    const { id } = item.chain;
    const focused = trace.focused === undefined ? undefined : trace.span(trace.focused);
    const offset =
      this.#draft?.start ??
      this.#marking.selected()?.start ??
      focused?.start ??
      trace.blockInView(this.#page.scroller)?.start ??
      0;
    const piece = trace.pieceAt(offset);
    if (piece === undefined) return;
    this.#editing = new Editing({ id, text: trace.content.text }, piece, offset, this.#draft, {
      save: (changes) => {
        this.#saving = savingOf({ id, text: trace.content.text }, changes);
        this.#elsewhere({ type: 'act', seq: this.#model.nextSeq(), chainId: id, act: { act: 'edit', changes } });
      },
      draft: (draft) => this.#keepDraft(id, draft),
      closed: (message) => {
        this.#editing = undefined;
        this.#page.scroller.focus({ preventScroll: true });
        this.#announcer.say(message);
        this.#saveSoon();
      },
    });
    this.#saveSoon();
  }

  #keepDraft(chainId: string, draft: EditDraft | undefined): void {
    if (draft === undefined && this.#draft === undefined) return;
    this.#draft = draft;
    this.#host.post({ type: 'draft', chainId, draft: draft ?? null });
    this.#save();
  }

  readonly #deadEnd = (text: string): void => this.#announcer.say(text, 'warning');

  #scrolled(): void {
    if (this.#windowFrame !== 0) return;
    this.#windowFrame = requestAnimationFrame(() => {
      this.#windowFrame = 0;
      this.#scrollTop = this.#page.scroller.scrollTop;
      if (this.#view !== undefined) this.#ribbon.setWindow(this.#view.trace.visible(this.#page.scroller));
      this.#saveSoon();
    });
  }

  #leavePage(): void {
    this.#editing?.flush();
    this.#save();
  }

  #saveSoon(): void {
    window.clearTimeout(this.#saveTimer);
    this.#saveTimer = window.setTimeout(() => this.#save(), 300);
  }

  #save(): void {
    if (this.#model.empty) return;
    this.#host.save({
      dataset: this.#model.dataset,
      facet: this.#model.facet,
      chainId: this.#view?.item.chain.id,
      top: this.#view?.trace.visible(this.#page.scroller).start,
      draft: this.#draft,
      editing: this.#editing !== undefined,
    });
  }
}
