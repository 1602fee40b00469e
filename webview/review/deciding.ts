import type { ActPayload, FromReader, ReviewItem } from '../../src/protocol/review.ts';
import type { Announcer } from './announcer.ts';
import { introduction } from './answers.ts';
import type { AskBar } from './forms.ts';
import type { ReaderModel } from './model.ts';
import { DECISION_OF } from './words.ts';

/** What deciding needs of the reader. */
interface DecidingPage {
  model: ReaderModel;
  ask: AskBar;
  announcer: Announcer;
  item(): ReviewItem | undefined;
  /** An edit of the chain was begun and is not saved. */
  hasDraft(chainId: string): boolean;
  post(message: FromReader): void;
  /** Sends a move that only the host knows the end of; keys wait for it. */
  elsewhere(move: FromReader): void;
  /** Paints what the model says by now. */
  show(): void;
}

/** Decisions, notes and words on the verdict of the chain that is shown, and the way back from each. */
export class Deciding {
  readonly #page: DecidingPage;
  /** An undo or redo that the host has not answered. */
  #reversing: 'undo' | 'redo' | undefined;

  constructor(page: DecidingPage) {
    this.#page = page;
  }

  accept(): void {
    const { item, hasDraft, announcer } = this.#page;
    const id = item()?.chain.id;
    if (id !== undefined && hasDraft(id))
      announcer.say('An edit of this chain is not saved: e opens it again, to save or throw away.', 'warning');
    else this.#decide({ act: 'accept' });
  }

  reject(): void {
    this.#page.ask.askReason((reason) => this.#decide({ act: 'reject', ...(reason ? { reason } : {}) }));
  }

  skip(): void {
    this.#decide({ act: 'skip' });
  }

  note(): void {
    const before = this.#page.item()?.state.note ?? '';
    this.#page.ask.askNote(before, (text) => {
      if (text === before) return;
      this.#act({ act: 'note', text });
      this.#page.announcer.say(text === '' ? 'Note taken away.' : 'Note saved.');
    });
  }

  /** Asks what is true of the final answer; that word stands beside the grader's. */
  overrule(): void {
    const { item, ask, announcer, model, elsewhere } = this.#page;
    const shown = item();
    if (shown === undefined) return;
    const { chain, state } = shown;
    ask.askOverride(state.override?.outcome ?? chain.verdict.outcome, (outcome, reason) => {
      const act = { act: 'override' as const, outcome, reason };
      elsewhere({ type: 'act', seq: model.nextSeq(), chainId: chain.id, act });
      announcer.say(`Overruled: ${outcome}.`);
    });
  }

  regrade(): void {
    const { item, post, announcer } = this.#page;
    const chainId = item()?.chain.id;
    if (chainId === undefined) return;
    announcer.say('Grading again…');
    post({ type: 'regrade', chainId });
  }

  reverse(type: 'undo' | 'redo'): void {
    this.#reversing = type;
    this.#page.elsewhere({ type, seq: this.#page.model.nextSeq() });
  }

  /** The host has answered: a decision that was taken back must not go on being called made. */
  settle(): void {
    if (this.#reversing === undefined) return;
    this.#page.announcer.say(this.#reversing === 'undo' ? 'Taken back.' : 'Done again.');
    this.#reversing = undefined;
  }

  /** The host's answer was a dead end, which it has told. */
  deadEnd(): void {
    this.#reversing = undefined;
  }

  #act(act: ActPayload): void {
    const { item, post, model } = this.#page;
    const chainId = item()?.chain.id;
    if (chainId !== undefined) post({ type: 'act', seq: model.nextSeq(), chainId, act });
  }

  #decide(act: Extract<ActPayload, { act: 'accept' | 'reject' | 'skip' }>): void {
    const { item, model, announcer, show } = this.#page;
    const left = item();
    this.#act(act);
    model.decide(DECISION_OF[act.act], act.reason);
    show();
    const now = item();
    const next = now === undefined || now.chain.id === left?.chain.id ? '' : introduction(now);
    announcer.say(`${left?.problem.id ?? ''} ${DECISION_OF[act.act]}.`, 'info', next);
  }
}
