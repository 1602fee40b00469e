import type { CallReply, CallRequest } from '../../core/model/index.ts';

/** A sample that is asked for in a batch, with all that its journal line needs. */
export interface BatchCall {
  key: string;
  problemId: string;
  index: number;
  request: CallRequest;
}

/** `refused`: why the server will not answer this one. */
export type BatchAnswer = { reply: CallReply } | { refused: string };

/** Called once for each answer, in any order; the next is told when it has resolved. */
export type OnAnswer = (call: BatchCall, answer: BatchAnswer) => Promise<void>;

/** Where samples are asked for by many at once, on a cluster. Jobs there go on when this process ends. */
export interface Batches {
  /**
   * Brings home what batches of the round that were begun earlier have brought and still bring. To be called before anything is asked, so that nothing is
   * paid for twice.
   */
  collect(round: string, onAnswer: OnAnswer, signal: AbortSignal): Promise<void>;
  /** Asks for all of these; absent where the round goes on from this machine. @throws when the batch ended without all answers: those that came were told. */
  ask?:
    | ((round: string, calls: readonly BatchCall[], onAnswer: OnAnswer, signal: AbortSignal) => Promise<void>)
    | undefined;
}
