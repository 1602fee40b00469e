import type { ColumnMapping } from '../schemas/index.ts';

/** A problem set of the hub that is used for evaluation. */
export interface KnownSet {
  repo: string;
  /** Common name without the owner. */
  short?: string;
  title: string;
  /** Problems of the evaluated split, from its card. */
  problems: number;
  config?: string;
  split?: string;
  /** Used where recognition could choose another column and the set still has these. */
  mapping?: ColumnMapping;
}

/** All other sets are read by their card, file names and columns. */
export const KNOWN_SETS: readonly KnownSet[] = [
  {
    repo: 'openai/gsm8k',
    short: 'gsm8k',
    title: 'GSM8K: grade-school word problems',
    problems: 1319,
    config: 'main',
    split: 'test',
    mapping: { problem: 'question', answer: 'answer', answerFrom: 'hash', solution: 'answer' },
  },
  {
    repo: 'HuggingFaceH4/MATH-500',
    short: 'math-500',
    title: 'MATH-500: competition problems in five levels',
    problems: 500,
    split: 'test',
    mapping: {
      problem: 'problem',
      answer: 'answer',
      answerFrom: 'plain',
      id: 'unique_id',
      solution: 'solution',
      level: 'level',
      topic: 'subject',
    },
  },
  {
    repo: 'HuggingFaceH4/aime_2024',
    short: 'aime_2024',
    title: 'AIME 2024, both papers',
    problems: 30,
    split: 'train',
  },
  { repo: 'Maxwell-Jia/AIME_2024', title: 'AIME 2024 with worked solutions', problems: 30, split: 'train' },
  { repo: 'math-ai/aime24', short: 'aime24', title: 'AIME 2024', problems: 30, split: 'test' },
  { repo: 'math-ai/aime25', short: 'aime25', title: 'AIME 2025', problems: 30, split: 'test' },
  { repo: 'math-ai/amc23', short: 'amc23', title: 'AMC 2023', problems: 40, split: 'test' },
];

export function knownSet(repo: string): KnownSet | undefined {
  return KNOWN_SETS.find((one) => one.repo.toLowerCase() === repo.toLowerCase());
}
