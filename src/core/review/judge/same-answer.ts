import { z } from 'zod';
import { renderPrompt, seedOf } from '../../dialogue/index.ts';
import { lastJsonObject, schemaProblem } from '../../models/json-reply.ts';
import { type ChatMessage, type DecidingModel, formatModelVerdict, type Verdict } from '../../schemas/index.ts';

/** Name of the prompt file, without `.md`. */
export const ANSWER_PROMPT = 'judge-answers';

/** What a judge replies about two answers. */
const SameAnswer = z.object({ reason: z.string().min(1).max(2_000), same: z.boolean() });
export type SameAnswer = z.infer<typeof SameAnswer>;

/** A longer answer is no answer that a person would compare. */
const MAX_ANSWER = 2_000;

/** Two answers to one problem. */
export interface AnswerPair {
  problem: string;
  gold: string;
  answer: string;
}

/** Whether a judge may be asked: grading found an answer, and does not call it correct. */
export function isOpen(verdict: Verdict | undefined): verdict is Verdict & { extracted: string } {
  if (verdict?.extracted === undefined || verdict.extracted.length > MAX_ANSWER) return false;
  return verdict.judge === undefined && (verdict.outcome === 'incorrect' || verdict.outcome === 'unknown');
}

/**
 * The messages for two answers. Their order is drawn from a hash, so that the judge can't know which is the gold answer, and asking again is the
 * same request.
 * @throws UserError `prompt` when the prompt file can't be used.
 */
export function answerMessages(prompt: string, { problem, gold, answer }: AnswerPair): ChatMessage[] {
  const goldFirst = seedOf(ANSWER_PROMPT, problem, gold, answer) % 2 === 0;
  const [first, second] = goldFirst ? [gold, answer] : [answer, gold];
  return renderPrompt({ [ANSWER_PROMPT]: prompt }, ANSWER_PROMPT, { problem, first, second });
}

/** JSON Schema of the reply. Without the lengths, from which servers would build very large grammars. */
export function sameAnswerSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(z.strictObject({ reason: z.string(), same: z.boolean() }));
  return schema;
}

/** Reads the last JSON object with `same` in a reply. */
export function readSameAnswer(reply: string): { value: SameAnswer } | { problem: string } {
  const { value, problem } = lastJsonObject(reply, 'same');
  if (value === undefined) return { problem };
  const { data, error } = SameAnswer.safeParse(value);
  return data ? { value: data } : { problem: schemaProblem(error) };
}

/** The verdict after the judge; undefined if it agrees with grading. It keeps what grading found. */
export function overruledVerdict(verdict: Verdict, said: SameAnswer, model: DecidingModel): Verdict | undefined {
  const outcome = said.same ? 'correct' : 'incorrect';
  if (outcome === verdict.outcome) return undefined;
  const { detail = '', method } = verdict;
  const judge = { ...model, reason: said.reason, graded: { outcome: verdict.outcome, method, detail } };
  return { ...verdict, outcome, method: 'judge', detail: formatModelVerdict(judge), judge };
}
