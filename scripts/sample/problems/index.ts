import { ALGEBRA } from './algebra.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { CONTEST } from './contest.ts';
import type { SampleProblem } from './types.ts';
import { WORD } from './word.ts';

export type { SampleProblem } from './types.ts';

/** All problems of the sample dataset, from one-step arithmetic to contest-hard, in the order of the file. */
export const PROBLEMS: readonly SampleProblem[] = [...ARITHMETIC, ...WORD, ...ALGEBRA, ...CONTEST];
