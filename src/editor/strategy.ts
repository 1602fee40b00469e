import type { Tries } from '../core/model/index.ts';

/** How thorough a round can be besides what the dataset's own settings say. */
export const EFFORTS = ['quick', 'thorough'] as const;
type Effort = (typeof EFFORTS)[number];

/**
 * Candidates of each piece for one problem. `quick` shows what model and prompts do at a fraction of the cost; `thorough`
 * is twice the default of a new dataset.
 */
export const EFFORT_TRIES: Readonly<Record<Effort, Tries>> = {
  quick: { answer1: 2, answer2: 2, check: 1, summary: 1 },
  thorough: { answer1: 16, answer2: 8, check: 4, summary: 4 },
};
