import { html, nothing, render } from 'lit';
import { defined } from '../../src/core/defined.ts';
import type { WorkbenchAction } from '../../src/protocol/keys.ts';
import type { FromWorkbench, ToWorkbench, WorkbenchSnapshot } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { Announcer } from '../ui/announcer.ts';
import { moveFocus } from '../ui/focus.ts';
import { listenForKeys, pressesControl } from '../ui/keyboard.ts';
import { keySheet, Modal } from '../ui/modal.ts';
import type { Channel } from '../ui/page-host.ts';
import { cardView } from './card.ts';
import { endView } from './chain.ts';
import { compareView } from './compare.ts';
import { outcomeOf } from './format.ts';
import { footerView, headerView, sideView } from './frame.ts';
import { actionFor, KEYS } from './keys.ts';
import { Live, Texts } from './texts.ts';

/** The page of the prompt workbench: shows snapshots and sends actions. The state belongs to the host. */
export class WorkbenchApp {
  readonly #channel: Channel<ToWorkbench, FromWorkbench>;
  readonly #header = document.createElement('header');
  readonly #side = document.createElement('aside');
  readonly #main = document.createElement('main');
  readonly #footer = document.createElement('footer');
  readonly #announcer = new Announcer();
  readonly #sheet: Modal;
  readonly #texts = new Texts();
  readonly #live = new Map<string, Live>();
  readonly #open = { messages: new Set<string>(), reasoning: new Set<string>() };
  #shown: WorkbenchSnapshot | undefined;
  /** The current piece. */
  #at: string | undefined;

  constructor(channel: Channel<ToWorkbench, FromWorkbench>, root: HTMLElement) {
    this.#channel = channel;
    root.className = 'reader workbench';
    this.#header.className = 'head';
    this.#side.className = 'facts';
    this.#main.className = 'bench';
    this.#footer.className = 'foot';
    const middle = document.createElement('div');
    middle.className = 'middle';
    middle.append(this.#side, this.#main);
    root.replaceChildren(this.#header, middle, this.#footer, this.#announcer.loud);
    this.#sheet = new Modal(root, 'sheet wide');
    this.#main.addEventListener('focusin', (event) => this.#entered(event));
    this.#main.addEventListener('mousedown', (event) => this.#entered(event));
    listenForKeys(
      (event) => this.#key(event),
      (event) => KEYS.groupOf(event) === 'Run',
    );
    channel.listen((message) => this.#receive(message));
    channel.post({ type: 'ready' });
  }

  #receive(message: ToWorkbench): void {
    if (message.type === 'announce') this.#announcer.announce(message.text, message.tone);
    else if (message.type === 'part') this.#part(message.piece, message.text, message.reasoning);
    else this.#show(message);
  }

  /** A streamed part changes only its text nodes. */
  #part(piece: string, text: string, reasoning: string): void {
    const live = this.#liveOf(piece);
    const begins = reasoning !== '' && live.reasoning.data === '';
    live.text.appendData(text);
    live.reasoning.appendData(reasoning);
    if (begins) this.#paint();
  }

  #show(snapshot: WorkbenchSnapshot): void {
    const before = this.#shown;
    this.#shown = snapshot;
    const fresh = before?.problem?.id !== snapshot.problem?.id;
    for (const { piece, asking } of snapshot.pieces) {
      const live = this.#liveOf(piece);
      live.text.data = asking?.text ?? '';
      live.reasoning.data = asking?.reasoning ?? '';
    }
    if (fresh || !snapshot.pieces.some(({ piece }) => piece === this.#at)) this.#at = snapshot.pieces[0]?.piece;
    this.#paint();
    if (fresh) this.#main.scrollTop = 0;
    else this.#announceResults(before, snapshot);
  }

  /** Announces the outcome of pieces to screen readers. */
  #announceResults(before: WorkbenchSnapshot | undefined, now: WorkbenchSnapshot): void {
    for (const { piece, last, state } of now.pieces) {
      const was = before?.pieces.find((one) => one.piece === piece);
      if (last !== null && state === 'idle' && was?.state === 'asking') {
        this.#announcer.announce('', 'info', `${pieceTitle(piece)}: ${outcomeOf(last).text}`);
      }
    }
  }

  #paint(): void {
    const snapshot = this.#shown;
    if (snapshot === undefined) return;
    const perform = (action: WorkbenchAction): void => this.#perform(action);
    const { problem, pieces, trouble, end, trusted } = snapshot;
    render(headerView(snapshot, perform), this.#header);
    const nodes = problem
      ? { problem: this.#texts.at('problem', problem.problem), gold: this.#texts.at('gold', `$${problem.answer}$`) }
      : undefined;
    render(
      sideView(snapshot, nodes, this.#at, (piece) => this.#go(piece)),
      this.#side,
    );
    render(
      html`
        ${trusted ? nothing : html`<p class="banner">This folder is not trusted, so nothing is run here. You can read prompts and problems.</p>`}
        ${trouble === null ? nothing : html`<p class="banner trouble" role="alert">${trouble}</p>`}
        ${problem === null ? nothing : pieces.map((piece) => cardView(piece, this.#pageOf(piece.piece)))}
        ${end === null ? nothing : endView(end, this.#texts)}
      `,
      this.#main,
    );
    render(footerView(snapshot, this.#current, this.#announcer.quiet, perform), this.#footer);
  }

  #pageOf(piece: string): Parameters<typeof cardView>[1] {
    return {
      texts: this.#texts,
      live: this.#liveOf(piece),
      current: piece === this.#at,
      messages: this.#open.messages.has(piece),
      reasoning: this.#open.reasoning.has(piece),
      perform: (action) => {
        this.#at = piece;
        this.#perform(action);
      },
      toggled: (part, open) => {
        if (this.#open[part].has(piece) !== open) this.#toggle(part, piece);
      },
    };
  }

  get #current(): WorkbenchSnapshot['pieces'][number] | undefined {
    return this.#shown?.pieces.find(({ piece }) => piece === this.#at);
  }

  #liveOf(piece: string): Live {
    const live = this.#live.get(piece) ?? new Live();
    this.#live.set(piece, live);
    return live;
  }

  #key(event: KeyboardEvent): void {
    if (this.#sheet.element.open) return;
    const action = pressesControl(event) ? undefined : actionFor(event);
    if (action === undefined) return;
    event.preventDefault();
    // A key held down must not repeat paid calls.
    if (!event.repeat || action === 'next' || action === 'previous') this.#perform(action);
  }

  #perform(action: WorkbenchAction): void {
    this.#announcer.clear();
    switch (action) {
      case 'help':
        this.#sheet.open(keySheet(KEYS.entries));
        break;
      case 'next':
        this.#step(1);
        break;
      case 'previous':
        this.#step(-1);
        break;
      case 'messages':
      case 'reasoning':
        if (this.#at !== undefined) this.#toggle(action, this.#at);
        break;
      case 'compare':
        this.#compare();
        break;
      default:
        this.#channel.post({ type: 'perform', action, ...defined({ piece: this.#at }) });
    }
  }

  #compare(): void {
    const { last, before } = this.#current ?? {};
    if (last && before) this.#sheet.open(compareView(before, last));
    else
      this.#announcer.announce(
        'This piece has only one run. Edit its prompt or use another seed, then run it again.',
        'warning',
      );
  }

  #toggle(part: 'messages' | 'reasoning', piece: string): void {
    const open = this.#open[part];
    if (!open.delete(piece)) open.add(piece);
    this.#paint();
  }

  #step(direction: 1 | -1): void {
    const pieces = this.#shown?.pieces ?? [];
    const to = pieces[pieces.findIndex(({ piece }) => piece === this.#at) + direction];
    if (to === undefined)
      this.#announcer.announce(direction > 0 ? 'This is the last piece.' : 'This is the first piece.', 'warning');
    else this.#go(to.piece);
  }

  #go(piece: string): void {
    this.#at = piece;
    this.#paint();
    const card = this.#main.querySelector<HTMLElement>(`[data-piece="${CSS.escape(piece)}"]`);
    moveFocus(card);
    card?.scrollIntoView({ block: 'start' });
  }

  /** A card with a click or the focus becomes the current one. */
  #entered(event: Event): void {
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>('.card') : null;
    const piece = card?.dataset.piece;
    if (piece === undefined || piece === this.#at || !this.#shown?.pieces.some((one) => one.piece === piece)) return;
    this.#at = piece;
    this.#paint();
  }
}
