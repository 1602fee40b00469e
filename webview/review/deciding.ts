import { defined } from '../../src/core/defined.ts';
import type { ActPayload, FromReader, ReviewItem, ShownFilter } from '../../src/protocol/review.ts';
import type { Announcer } from '../ui/announcer.ts';
import { DECISION_OF } from '../ui/format.ts';
import { AcceptQuestion } from './accept-question.ts';
import { introduction } from './facts/answers.ts';
import type { AskBar } from './forms.ts';
import { type ReaderModel, shownText } from './model.ts';

interface DecidingPage {
  model: ReaderModel;
  ask: AskBar;
  announcer: Announcer;
  item(): ReviewItem | undefined;
  /** Whether the chain has an unsaved edit. */
  hasDraft(chainId: string): boolean;
  post(message: FromReader): void;
  /** Sends a move whose result only the host knows; keys wait for it. */
  elsewhere(move: FromReader): void;
  /** Shows the model. */
  show(): void;
}

/** Decisions, notes and overrides of the shown chain, and their undo. */
export class Deciding {
  readonly #page: DecidingPage;
  /** An undo or redo that the host has not answered. */
  #reversing: 'undo' | 'redo' | undefined;
  readonly #question: AcceptQuestion;

  constructor(page: DecidingPage) {
    this.#page = page;
    this.#question = new AcceptQuestion(page.announcer, page.hasDraft);
  }

  /** Accepts the chain, or asks first. @param pressedAt Time of the key or button press, by `performance.now()`. */
  accept(pressedAt: number): void {
    const shown = this.#page.item();
    if (shown !== undefined && this.#question.allows(shown, 'accept', pressedAt)) this.#decide({ act: 'accept' });
  }

  /** Asks for a reason, and accepts the chain. */
  acceptBecause(): void {
    const { ask, item } = this.#page;
    this.#question.askReason(ask, item, (reason) => this.#decide({ act: 'accept', ...defined({ reason }) }));
  }

  /** Removes the question about an accept. */
  withdraw(): void {
    this.#question.withdraw();
  }

  reject(): void {
    this.#page.ask.askReason((reason) => this.#decide({ act: 'reject', ...defined({ reason: reason || undefined }) }));
  }

  skip(): void {
    this.#decide({ act: 'skip' });
  }

  note(): void {
    const before = this.#page.item()?.state.note ?? '';
    this.#page.ask.askNote(before, (text) => {
      if (text === before) return;
      this.#act({ act: 'note', text });
      this.#page.announcer.announce(text === '' ? 'Note removed.' : 'Note saved.');
    });
  }

  /** Asks for the reviewer's tags of the chain, and sends an act for each that is new or gone. */
  tag(): void {
    const before = this.#page.item()?.state.tags ?? [];
    this.#page.ask.askTags(before, (tags) => {
      for (const one of tags) if (!before.includes(one)) this.#act({ act: 'tag', tag: one });
      for (const one of before) if (!tags.includes(one)) this.#act({ act: 'untag', tag: one });
      this.#page.announcer.announce(tags.length === 0 ? 'No tags.' : `Tags: ${tags.join(', ')}.`);
    });
  }

  /** Asks who is to review the chain. */
  assign(): void {
    const before = this.#page.item()?.state.assigned ?? '';
    this.#page.ask.askReviewer(before, (to) => {
      if (to === before) return;
      this.#act({ act: 'assign', to });
      this.#page.announcer.announce(to === '' ? 'Assignment removed.' : `Assigned to ${to}.`);
    });
  }

  /** Asks for the true outcome of the final answer, shown beside the verdict of grading. */
  overrule(): void {
    const { item, ask, announcer, model, elsewhere } = this.#page;
    const shown = item();
    if (shown === undefined) return;
    const { chain, state } = shown;
    ask.askOverride(state.override?.outcome ?? chain.verdict.outcome, (outcome, reason) => {
      const act = { act: 'override' as const, outcome, reason };
      elsewhere({ type: 'act', seq: model.nextSeq(), ...shownText(shown), act });
      announcer.announce(`Overruled: ${outcome}.`);
    });
  }

  regrade(): void {
    const { item, post, announcer } = this.#page;
    const chainId = item()?.chain.id;
    if (chainId === undefined) return;
    announcer.announce('Grading again…');
    post({ type: 'regrade', chainId });
  }

  removeFilter({ clause }: ShownFilter): void {
    this.#page.elsewhere({ type: 'removeFilter', seq: this.#page.model.nextSeq(), clause });
  }

  reverse(type: 'undo' | 'redo'): void {
    this.#reversing = type;
    this.#page.elsewhere({ type, seq: this.#page.model.nextSeq() });
  }

  /** After an answer of the host: replaces the notice of a decision that was undone. */
  settle(): void {
    if (this.#reversing === undefined) return;
    this.#page.announcer.announce(this.#reversing === 'undo' ? 'Undone.' : 'Redone.');
    this.#reversing = undefined;
  }

  /** The host's answer was a warning, which is shown already. */
  deadEnd(): void {
    this.#reversing = undefined;
  }

  #act(act: ActPayload): void {
    const { item, post, model } = this.#page;
    const shown = item();
    if (shown !== undefined) post({ type: 'act', seq: model.nextSeq(), ...shownText(shown), act });
  }

  #decide(act: Extract<ActPayload, { act: 'accept' | 'reject' | 'skip' }>): void {
    const { item, model, announcer, show } = this.#page;
    this.withdraw();
    const left = item();
    this.#act(act);
    model.decide(DECISION_OF[act.act], act.reason);
    show();
    const now = item();
    const next = now === undefined || now.chain.id === left?.chain.id ? '' : introduction(now);
    announcer.announce(`${left?.problem.id ?? ''} ${DECISION_OF[act.act]}.`, 'info', next);
  }
}
