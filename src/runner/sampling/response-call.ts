import { renderPrompt, seedOf } from '../../core/dialogue/index.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { policyOfPiece } from '../../core/grading/policies.ts';
import {
  type CallReply,
  type CallRequest,
  type GradingPolicy,
  hostOf,
  type ModelRef,
  type Problem,
  type Sampling,
  type Verdict,
} from '../../core/schemas/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { gradeReply } from '../../grading/reply.ts';
import type { Dataset } from '../../store/index.ts';
import { readPrompt } from '../../store/prompts.ts';

/** The prompt file of a response; without it, the first answer's is used. */
const RESPONSE_PROMPT = 'response';
/** Characters per token of LaTeX; rather too few, to protect the budget. */
const CHARACTERS_OF_TOKEN = 3;

/** Settings of the calls of a sampling round or an evaluation. */
export interface ResponseAsking {
  model: ModelRef;
  prompts: Record<string, string>;
  /** Base of all seeds. */
  seed: number;
  response: Sampling;
}

/**
 * The current prompts of the dataset, with one for responses.
 * @param file of the prompt of a response, in place of the dataset's. @throws UserError `prompt` where it can't be read or used
 */
export async function responsePrompts(dataset: Dataset, file?: string): Promise<Record<string, string>> {
  const prompts = await dataset.prompts(dataset.settings.promptSet);
  if (file !== undefined) return { ...prompts, [RESPONSE_PROMPT]: await responsePrompt(file) };
  const text = prompts[RESPONSE_PROMPT] ?? prompts['answer-1'];
  return text === undefined ? prompts : { ...prompts, [RESPONSE_PROMPT]: text };
}

async function responsePrompt(file: string): Promise<string> {
  const name = file.replace(/\.md$/, '');
  const text = await readPrompt(file).catch((error: unknown) => {
    throw new UserError('prompt', `Can’t read the prompt file ${file}: ${messageOf(error)}.`, 'Check the path.');
  });
  renderPrompt({ [name]: text }, name, { problem: '' });
  return text;
}

/** Estimated tokens of a request, by the UTF-16 code units of its problem. */
export function requestTokens(prompts: Readonly<Record<string, string>>): (size: number) => number {
  const around = renderPrompt(prompts, RESPONSE_PROMPT, { problem: '' }).reduce(
    (sum, { content }) => sum + content.length,
    0,
  );
  return (size) => Math.ceil((around + size) / CHARACTERS_OF_TOKEN);
}

/** The request of one sample. Its seed is reproducible, so that a resume sends the same call. */
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

/** Grades a response. Rejects with the signal's reason when it is aborted. */
export function gradeResponse(
  pool: GradingPool,
  grading: GradingPolicy,
  { answer }: Pick<Problem, 'answer'>,
  reply: CallReply,
  signal: AbortSignal,
): Promise<Verdict> {
  return gradeReply(pool, answer, reply, policyOfPiece(grading, 'response'), signal);
}
