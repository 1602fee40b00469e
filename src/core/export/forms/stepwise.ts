import { z } from 'zod';
import { labelledSteps, splitSteps } from '../../review/index.ts';
import type { StepLabel } from '../../schemas/index.ts';
import { type ExportedChain, wellFormed } from '../rows.ts';
import type { ReviewedText } from '../select.ts';
import type { ChainForm } from './form.ts';
import { ABOUT_CHAIN, ChainFacts, factsOf } from './parts.ts';

interface Step {
  text: string;
  label: StepLabel;
}

/**
 * The steps of a text whose labels are known, from the first one: up to the first wrong step, which is the last one, or to the first step without a
 * label.
 */
function knownSteps({ text, segments, steps: marks }: Pick<ReviewedText, 'text' | 'segments' | 'steps'>): {
  steps: Step[];
  /** All steps of the text. */
  texts: string[];
} {
  const all = labelledSteps(splitSteps(text, segments), marks);
  const texts = all.map(({ start, end }) => wellFormed(text.slice(start, end)));
  const steps: Step[] = [];
  for (const [at, { label }] of all.entries()) {
    if (label === undefined) break;
    steps.push({ text: texts[at] ?? '', label });
    if (label === 'bad') break;
  }
  return { steps, texts };
}

const question = ({ promptCompletion }: ExportedChain): string => promptCompletion.prompt[0]?.content ?? '';

/** Rows of TRL's PRMTrainer (Uesato et al. 2022, arXiv 2211.14275). A neutral step is not wrong. */
export const stepwise: ChainForm = {
  id: 'stepwise',
  title: 'Steps (PRM)',
  summary: 'The labelled steps of one chain a row, up to the first wrong one.',
  about: ABOUT_CHAIN,
  unit: 'chain',
  takes: 'stepped',
  mask: 'none',
  files: [
    {
      name: 'train.stepwise.jsonl',
      config: 'stepwise',
      holds: '`prompt`, `completions` (the steps) and `labels` (true unless a step is wrong)',
      row: ChainFacts.extend({
        prompt: z.string(),
        completions: z.array(z.string()).min(1),
        labels: z.array(z.boolean()).min(1),
      }).refine(({ completions, labels }) => completions.length === labels.length),
    },
  ],
  rows: (chain, { review }) => {
    const { steps } = knownSteps(review);
    if (steps.length === 0) return [undefined];
    const [completions, labels] = [steps.map(({ text }) => text), steps.map(({ label }) => label !== 'bad')];
    return [{ prompt: question(chain), completions, labels, ...factsOf(chain) }];
  },
  steps: (review) => knownSteps(review).steps.map(({ text, label }) => ({ text, label: String(label !== 'bad') })),
};

const RATINGS = { good: 1, neutral: 0, bad: -1 } as const satisfies Record<StepLabel, number>;

const Completion = z.object({ text: z.string(), rating: z.number().int().min(-1).max(1), flagged: z.boolean() });

/** Lines of PRM800K (Lightman et al. 2023, arXiv 2305.20050; https://github.com/openai/prm800k). Labellers have no name. */
export const prm800k: ChainForm = {
  id: 'prm800k',
  title: 'Steps (PRM800K)',
  summary: 'The labelled steps of one chain a row, in the format of PRM800K.',
  about: 'Rows have the members of PRM800K only.',
  unit: 'chain',
  takes: 'stepped',
  mask: 'none',
  files: [
    {
      name: 'train.prm800k.jsonl',
      config: 'prm800k',
      holds: '`question`, and `label` with steps and their ratings 1, 0 and −1',
      row: z.object({
        labeler: z.string().nullable(),
        timestamp: z.string().nullable(),
        generation: z.number().int().nullable(),
        is_quality_control_question: z.boolean(),
        is_initial_screening_question: z.boolean(),
        question: z.object({
          problem: z.string(),
          ground_truth_answer: z.string(),
          pre_generated_steps: z.array(z.string()),
        }),
        label: z.object({
          steps: z.array(
            z.object({
              completions: z.array(Completion).length(1),
              human_completion: z.string().nullable(),
              chosen_completion: z.number().int().nullable(),
            }),
          ),
          total_time: z.number().int(),
          finish_reason: z.enum(['found_error', 'solution', 'give_up']),
        }),
      }),
    },
  ],
  rows: (chain, { review }) => {
    const { steps, texts } = knownSteps(review);
    const last = steps.at(-1);
    if (last === undefined) return [undefined];
    const whole = steps.length === texts.length ? ('solution' as const) : ('give_up' as const);
    const label = {
      steps: steps.map(({ text, label: known }) => ({
        completions: [{ text, rating: RATINGS[known], flagged: false }],
        human_completion: null,
        chosen_completion: known === 'bad' ? null : 0,
      })),
      total_time: 0,
      finish_reason: last.label === 'bad' ? ('found_error' as const) : whole,
    };
    const { answer } = chain.promptCompletion;
    return [
      {
        labeler: null,
        timestamp: review.at ?? null,
        generation: null,
        is_quality_control_question: false,
        is_initial_screening_question: false,
        question: { problem: question(chain), ground_truth_answer: answer, pre_generated_steps: texts },
        label,
      },
    ];
  },
  steps: (review) => knownSteps(review).steps.map(({ text, label }) => ({ text, label: String(RATINGS[label]) })),
};
