import type { SampleProblem } from './types.ts';

/**
 * One step, small whole numbers. Mostly sums and products, because a model of 135M parameters gets those right about half of the
 * time and differences almost never: a class without a success does not help a new user.
 */
const STEPS: readonly (readonly [problem: string, answer: string])[] = [
  ['What is 7 + 8?', '15'],
  ['What is 6 + 5?', '11'],
  ['What is 12 + 9?', '21'],
  ['Compute 6 × 9.', '54'],
  ['Compute 7 × 4.', '28'],
  ['What is 3 × 8?', '24'],
  ['What is 14 + 23?', '37'],
  ['What is 5 × 5?', '25'],
  ['Add 19 and 6.', '25'],
  ['Multiply 8 by 7.', '56'],
  ['What is 20 + 30?', '50'],
  ['What is 9 × 3?', '27'],
  ['Compute 25 + 17.', '42'],
  ['What is 10 × 12?', '120'],
  ['What is 15 - 6?', '9'],
  ['What is 4 × 11?', '44'],
  ['Find the sum of 33 and 8.', '41'],
  ['Find the product of 6 and 7.', '42'],
  ['Compute 2 + 4 + 6.', '12'],
  ['What is 2 × 3 × 5?', '30'],
  ['What is 40 + 15?', '55'],
  ['What is 30 - 12?', '18'],
  ['Compute 16 + 16.', '32'],
  ['What is 36 ÷ 4?', '9'],
];

export const ARITHMETIC: readonly SampleProblem[] = STEPS.map(([problem, answer], index) => ({
  id: `arith-${String(index + 1).padStart(2, '0')}`,
  problem,
  answer,
  level: 1,
  topic: 'arithmetic',
}));
