import { policyOfPiece } from '../../core/answers/policies.ts';
import { renderPrompt, seedOf } from '../../core/dialogue/index.ts';
import {
  type CallReply,
  type CallRequest,
  type GradingPolicy,
  hostOf,
  type ModelRef,
  type Problem,
  type Sampling,
  type Verdict,
} from '../../core/model/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import type { Dataset } from '../../store/index.ts';
import { pieceText } from '../asker.ts';

/** The prompt file of a response; a set without it asks as for a first answer. */
const RESPONSE_PROMPT = 'response';
/** Maths in LaTeX has shorter tokens than prose, and a budget is better guarded by too many than by too few. */
const CHARACTERS_OF_TOKEN = 3;

/** What decides the call of a response, of a sampling round or of an evaluation. */
export interface ResponseAsking {
  model: ModelRef;
  prompts: Record<string, string>;
  /** From which the seeds of all calls come. */
  seed: number;
  response: Sampling;
}

/** The prompts of the dataset as they stand now, with one for responses among them. */
export async function responsePrompts(dataset: Dataset): Promise<Record<string, string>> {
  const prompts = await dataset.prompts(dataset.settings.promptSet);
  const text = prompts[RESPONSE_PROMPT] ?? prompts['answer-1'];
  return text === undefined ? prompts : { ...prompts, [RESPONSE_PROMPT]: text };
}

/** Tokens of a request, by the UTF-16 code units of its problem, as they are reckoned before anything is asked. */
export function promptTokens(prompts: Readonly<Record<string, string>>): (size: number) => number {
  const around = renderPrompt(prompts, RESPONSE_PROMPT, { problem: '' }).reduce(
    (sum, { content }) => sum + content.length,
    0,
  );
  return (size) => Math.ceil((around + size) / CHARACTERS_OF_TOKEN);
}

/** The request of one sample: its seed is its own, so that a resume asks for the very same call. */
export function responseRequest(
  { model, prompts, seed, response }: ResponseAsking,
  { id, problem }: Pick<Problem, 'id' | 'problem'>,
  index: number,
): CallRequest {
  return {
    host: hostOf(model),
    model: model.model,
    messages: renderPrompt(prompts, RESPONSE_PROMPT, { problem }),
    sampling: response,
    seed: seedOf(seed, id, 'response', index),
  };
}

/** What grading says of a response. Rejects with the signal's reason when it is aborted. */
export function gradeResponse(
  pool: GradingPool,
  grading: GradingPolicy,
  { answer }: Pick<Problem, 'answer'>,
  reply: CallReply,
  signal: AbortSignal,
): Promise<Verdict> {
  return pool.grade(answer, pieceText(reply), policyOfPiece(grading, 'response'), signal);
}
