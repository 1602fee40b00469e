import { chainWarnings } from '../../src/core/export/warnings.ts';
import { chainReplyOutcome, formatOutcome, sampleOutcome } from '../../src/core/schemas/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import type { Announcer } from '../ui/announcer.ts';
import type { AskBar } from './forms.ts';
import { keyOf, pressOf } from './keys.ts';

/** Milliseconds until a key confirms a question. An earlier press was made without reading it. */
const READING_MS = 500;

type Asked = Pick<ReviewItem, 'chain' | 'state' | 'isGrading'>;

/** Asks before a chain with warnings is accepted; a second press of the key confirms. */
export class AcceptQuestion {
  readonly #announcer: Announcer;
  readonly #hasDraft: (chainId: string) => boolean;
  /** The unconfirmed question, and when it appeared. */
  #asked: { chainId: string; action: ReviewAction; question: string; at: number } | undefined;

  /** @param hasDraft Whether a chain has an unsaved edit, with which it is not accepted. */
  constructor(announcer: Announcer, hasDraft: (chainId: string) => boolean) {
    this.#announcer = announcer;
    this.#hasDraft = hasDraft;
  }

  /** Whether an action may accept the chain now; asks otherwise. @param pressedAt Time of the press, by `performance.now()`. */
  allows(item: Asked, action: ReviewAction, pressedAt: number): boolean {
    const chainId = item.chain.id;
    if (this.#isEdited(chainId)) return false;
    const reasons = reasonsAgainst(item);
    if (reasons.length === 0) return true;
    const key = action === 'accept' ? keyOf('acceptBecause') : '';
    const orReason = key === '' ? '' : `, or ${key} with a reason`;
    const question = `Accept although ${reasons.join(' and ')}? ${pressOf(action)} again${orReason}`;
    const asked = this.#asked;
    // A chain may have been graded since the question: its reasons are others then.
    if (asked?.chainId === chainId && asked.action === action && asked.question === question) {
      return pressedAt >= asked.at + READING_MS;
    }
    this.#asked = { chainId, action, question, at: performance.now() };
    this.#announcer.ask(question);
    return false;
  }

  /**
   * Asks for a reason to accept a chain, and accepts it. Asks again where other reasons against it appeared while the reviewer was typing.
   * @param shown The chain as it is now; undefined once it is not shown.
   */
  askReason(
    ask: AskBar,
    shown: () => Asked | undefined,
    accept: (reason: string | undefined) => void,
    written?: string,
  ): void {
    const item = shown();
    if (item === undefined || this.#isEdited(item.chain.id)) return;
    const title = titleOf(item);
    const confirm = (reason: string | undefined): void => {
      const now = shown();
      if (now === undefined) return;
      const reasons = reasonsAgainst(now);
      if (reasons.length === 0 || titleOf(now) === title) {
        accept(reason);
        return;
      }
      this.askReason(ask, shown, accept, reason);
      this.#announcer.announce(`This chain is ${reasons.join(' and ')} now. Press Enter to accept it.`, 'warning');
    };
    ask.askAccept(title, confirm, written);
  }

  /** Whether the chain has an unsaved edit, with a notice. */
  #isEdited(chainId: string): boolean {
    if (!this.#hasDraft(chainId)) return false;
    const text = `This chain has an unsaved edit. ${pressOf('edit')} in the reader to save or discard it.`;
    this.#announcer.announce(text, 'warning');
    return true;
  }

  /** Removes the question. */
  withdraw(): void {
    this.#asked = undefined;
    this.#announcer.ask('');
  }
}

function titleOf(item: Asked): string {
  const reasons = reasonsAgainst(item);
  return reasons.length === 0 ? 'Accept because' : `Accept although ${reasons.join(' and ')}, because`;
}

/** Why the chain would not be accepted without a question; empty if it is accepted already. */
function reasonsAgainst({ chain, state, isGrading }: Asked): string[] {
  if (state.decision === 'accepted') return [];
  if (isGrading === true && state.override === undefined) return ['not graded yet'];
  const failed = chain.filters.filter(({ passed }) => !passed).map(({ id }) => id);
  const override = state.override?.outcome;
  const ended = chainReplyOutcome(chain.pieces);
  return chainWarnings({ outcome: chain.verdict.outcome, ended, failed, override }).map((warning) => {
    switch (warning) {
      case 'filtered-out':
        return 'filtered out';
      case 'contaminated':
        return 'with text of a benchmark problem';
      case 'wrong-answer':
        return override === 'incorrect' ? 'overruled to incorrect' : 'graded incorrect';
      default:
        return formatOutcome(sampleOutcome(chain.verdict.outcome, ended));
    }
  });
}
