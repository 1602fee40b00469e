import { alpaca, fireworks, openai, sharegpt, together } from './chats.ts';
import { dpo } from './dpo.ts';
import { verifiers } from './environment.ts';
import type { ExportForm } from './form.ts';
import { grpo } from './grpo.ts';
import { kto } from './kto.ts';
import { sft } from './sft.ts';
import { prm800k, stepwise } from './stepwise.ts';
import { verl } from './verl.ts';

export { chatRow } from './chats.ts';
export type { ChainForm, ExportForm, PairForm, ProblemForm } from './form.ts';
export { chainLabel } from './label.ts';
export { PAIRINGS, type Pair, type PairChoices, type Paired, pairUp } from './pairs.ts';
export {
  bandOf,
  type KnownProblem,
  PassRateBand,
  type ProblemChoices,
  problemFacts,
  questionOf,
  whyNoProblem,
} from './problems.ts';
export { ROW_FILES } from './sft.ts';
export { unusedChoices } from './unused.ts';

/** Values of `--form`, the default first. */
export const FORM_IDS = [
  ...(['sft', 'sharegpt', 'alpaca', 'openai', 'together', 'fireworks'] as const),
  ...(['dpo', 'kto', 'stepwise', 'prm800k', 'grpo', 'verl', 'verifiers'] as const),
] as const;
export type FormId = (typeof FORM_IDS)[number];

/** What can be exported, by id. */
export const EXPORT_FORMS: Readonly<Record<FormId, ExportForm>> = {
  ...{ sft, sharegpt, alpaca, openai, together, fireworks },
  ...{ dpo, kto, stepwise, prm800k, grpo, verl, verifiers },
};

/** Name of the folder of an export that gets no other name. */
export function defaultName({ select, form = 'sft' }: { select: string; form?: FormId | undefined }): string {
  const { unit, takes } = EXPORT_FORMS[form];
  if (unit === 'problem' || takes === 'stepped') return form;
  return form === 'sft' ? select : `${select}-${form}`;
}

/** Paths of all files of JSON lines that an export may have. */
export const FORM_FILES: readonly string[] = Object.values(EXPORT_FORMS).flatMap(({ files }) =>
  files.flatMap(({ name }) => (name.endsWith('.jsonl') ? [name] : [])),
);
