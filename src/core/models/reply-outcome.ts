import type { NoAnswer, ReplyCounts, ReplyOutcome } from '../schemas/reply.ts';
import type { Outcome, Verdict } from '../schemas/verdict.ts';
import { formatCount } from '../text/format.ts';

export const noReplies = (): ReplyCounts => ({
  answered: 0,
  truncated: 0,
  blocked: 0,
  refused: 0,
  unfinished: 0,
  empty: 0,
});

/** The members of a CallReply that show how it ended. */
export interface EndedReply {
  text: string;
  reasoning?: string | undefined;
  refusal?: string | undefined;
  /** `finish_reason` as the server sent it. */
  finish: string;
}

/** How a reply ended: the one place that reads `finish_reason`. */
export function replyOutcome({ text, reasoning = '', refusal = '', finish }: EndedReply): ReplyOutcome {
  const byFinish = finishOutcome(finish);
  if (byFinish !== 'answered') return byFinish;
  const hasText = text.trim() !== '' || reasoning.trim() !== '';
  if (refusal.trim() !== '' && text.trim() === '') return 'refused';
  return hasText ? 'answered' : 'empty';
}

/** What `finish_reason` alone shows, for a piece whose text is known not to be empty. A reason that is not listed is no answer. */
export function finishOutcome(finish: string): Exclude<ReplyOutcome, 'empty'> {
  return OUTCOMES.get(plainName(finish)) ?? 'unfinished';
}

/** Whether an error or an abort ended the reply, which is the server's and not the model's doing. */
export const isInterrupted = ({ finish }: Pick<EndedReply, 'finish'>): boolean => INTERRUPTED.has(plainName(finish));

/** Whether it is unknown how the reply ended: its reason is listed nowhere here. */
export function hasUnknownEnd({ finish }: Pick<EndedReply, 'finish'>): boolean {
  const name = plainName(finish);
  return !OUTCOMES.has(name) && !INTERRUPTED.has(name) && !TOOL_CALLS.has(name);
}

const plainName = (finish: string): string => finish.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * Names of the ends as servers send them, without case and separators: OpenAI, Anthropic, Gemini, Mistral, Cohere, DeepSeek, Zhipu, Bedrock,
 * watsonx, TGI, vLLM, llama.cpp and the Responses API. Converted files often leave the name empty.
 */
const NAMES = {
  answered: [
    ...['', 'stop', 'eos', 'eostoken', 'endturn', 'stopsequence', 'stopstring', 'stopword'],
    ...['complete', 'completed', 'finished', 'finish', 'end', 'normal'],
  ],
  truncated: [
    ...['length', 'maxtokens', 'maxoutputtokens', 'maxnewtokens', 'maxcompletiontokens', 'maxlength', 'modellength'],
    ...['tokenlimit', 'limit', 'modelcontextwindowexceeded', 'contextlengthexceeded', 'truncated'],
  ],
  blocked: [
    ...['contentfilter', 'contentfiltered', 'safety', 'sensitive', 'recitation', 'blocklist', 'prohibitedcontent'],
    ...['spii', 'guardrailintervened', 'errortoxic', 'blocked'],
  ],
  refused: ['refusal', 'refused'],
} as const;

const INTERRUPTED: ReadonlySet<string> = new Set([
  ...['error', 'servererror', 'networkerror', 'insufficientsystemresource'],
  ...['abort', 'aborted', 'cancel', 'canceled', 'cancelled', 'usercancel'],
]);

/** The model calls a tool, although it was given none. */
const TOOL_CALLS: ReadonlySet<string> = new Set([
  ...['toolcall', 'toolcalls', 'tooluse', 'functioncall', 'malformedfunctioncall', 'unexpectedtoolcall'],
]);

const OUTCOMES = new Map(
  (Object.keys(NAMES) as (keyof typeof NAMES)[]).flatMap((outcome) =>
    NAMES[outcome].map((name) => [name as string, outcome] as const),
  ),
);

/** What a reply is as a piece: the answer, or the reasoning where a server put everything there. */
export function pieceText({ text, reasoning }: Pick<EndedReply, 'text' | 'reasoning'>): string {
  return text.trim() === '' ? (reasoning ?? '') : text;
}

interface EndedPiece {
  text?: string | undefined;
  finish?: string | undefined;
}

/** How the reply ended that the verdict of a chain is on: its last graded piece, as far as `finish` shows. */
export function chainReplyOutcome(pieces: readonly (EndedPiece & { verdict?: unknown })[]): ReplyOutcome {
  return pieceReplyOutcome(pieces.findLast(({ verdict }) => verdict !== undefined));
}

/** How the reply of a piece ended; `answered` where it has no `finish`, for example in an imported trace. */
export function pieceReplyOutcome(piece: EndedPiece | undefined): ReplyOutcome {
  if (piece?.finish === undefined) return 'answered';
  const ended = finishOutcome(piece.finish);
  return ended === 'answered' && piece.text?.trim() === '' ? 'empty' : ended;
}

/** The graded text of a reply. The reasoning of a truncated reply is never its answer. */
export function answerText(reply: EndedReply): string {
  return replyOutcome(reply) === 'truncated' ? reply.text : pieceText(reply);
}

/** The outcome of a sample: the verdict of an answered reply, else how the reply ended. */
export type SampleOutcome = Outcome | NoAnswer;

/** Replies that are not answered are neither correct nor incorrect, unless a truncated one states the correct answer. */
export function sampleOutcome(verdict: Outcome, reply: ReplyOutcome = 'answered'): SampleOutcome {
  if (reply === 'answered' || (reply === 'truncated' && verdict === 'correct')) return verdict;
  return reply;
}

/** Whether a sample ended right. A truncated or empty one did not; one that was not graded, was blocked or refused shows nothing: undefined. */
export function endedRight(verdict: Outcome, reply: ReplyOutcome): boolean | undefined {
  const outcome = sampleOutcome(verdict, reply);
  if (outcome === 'correct') return true;
  return ['incorrect', 'truncated', 'empty'].includes(outcome) ? false : undefined;
}

/** Whether the sample has no answer because of how its reply ended. */
export function isNoAnswer(outcome: SampleOutcome): outcome is NoAnswer {
  return Object.hasOwn(LABELS, outcome);
}

const LABELS: Readonly<Record<NoAnswer, string>> = {
  truncated: 'truncated',
  blocked: 'blocked by the provider',
  refused: 'refused by the model',
  unfinished: 'unfinished',
  empty: 'empty reply',
};

/** An outcome as text: `blocked by the provider`. */
export function formatOutcome(outcome: SampleOutcome): string {
  return isNoAnswer(outcome) ? LABELS[outcome] : outcome;
}

/** A verdict and the outcome of its reply as text: `incorrect`, `truncated, no final answer`. */
export function formatVerdict(
  { outcome, extracted }: Pick<Verdict, 'outcome' | 'extracted'>,
  ended: ReplyOutcome,
): string {
  const label = formatOutcome(sampleOutcome(outcome, ended));
  return ended === 'truncated' && extracted === undefined ? `${label}, no final answer` : label;
}

/** Counts of replies without an answer: `['2 blocked by the provider', '1 empty reply']`. Zero counts are listed only for `always`. */
export function formatNoAnswers(
  counts: Partial<Record<NoAnswer, number | undefined>>,
  always: readonly NoAnswer[] = [],
): string[] {
  return (Object.keys(LABELS) as NoAnswer[]).flatMap((outcome) => {
    const count = counts[outcome] ?? 0;
    return count > 0 || always.includes(outcome) ? [`${formatCount(count)} ${formatOutcome(outcome)}`] : [];
  });
}
