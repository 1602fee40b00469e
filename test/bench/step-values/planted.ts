import { randomSource } from '../../../src/core/maths/random.ts';

/** A chain with one wrong step, in the form of ProcessBench. */
export interface PlantedChain {
  id: string;
  problem: string;
  answer: string;
  steps: string[];
  /** The first wrong step, from 0. */
  label: number;
}

type Solved = Pick<PlantedChain, 'problem' | 'answer' | 'steps'>;

/** Makes a problem with its solution. @param wrong index of the wrong step, from 0; −1 for none. The steps after it follow from it. */
export type Family = (steps: number, wrong: number, random: () => number) => Solved;

/** `count` chains of a family, with the wrong step anywhere. */
export function plantedChains(family: Family, count: number, steps: number, seed: number): PlantedChain[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, (_, index) => {
    const label = Math.floor(random() * steps);
    return { id: `planted-${index}`, ...family(steps, label, random), label };
  });
}

const ADD = ['Then add', 'Now add', 'Next add'] as const;

/** A running sum of digits, an addition a step: for a model that was trained on such sums. */
export const sums: Family = (steps, wrong, random) => {
  const [first = 1, ...rest] = Array.from({ length: steps + 1 }, () => 1 + Math.floor(random() * 9));
  const off = (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 2));
  let sum = first;
  const texts = rest.map((number, index) => {
    const before = sum;
    sum += number + (index === wrong ? off : 0);
    const word = index === 0 ? 'Add' : ADD[Math.floor(random() * ADD.length)];
    return `${word} ${number}: ${before} + ${number} = ${sum}.`;
  });
  return {
    problem: `Start with ${first} and add ${rest.join(', ')}. What is the result?`,
    answer: String(rest.reduce((all, number) => all + number, first)),
    steps: [...texts, `The result is \\boxed{${sum}}.`],
  };
};

/** Counting on by one. A wrong step counts one or two too far or too few. */
export const counts: Family = (steps, wrong, random) => {
  const first = 10 + Math.floor(random() * 70);
  const off = (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 2));
  const at = (index: number): number => first + index + 1 + (wrong >= 0 && index >= wrong ? off : 0);
  return {
    problem: `Start with ${first} and add 1, ${steps} times. What is the result?`,
    answer: String(first + steps),
    steps: [
      ...Array.from({ length: steps }, (_, index) => `Step ${index + 1}: ${at(index)}.`),
      `The result is \\boxed{${at(steps - 1)}}.`,
    ],
  };
};

/** Whether a step is wrong by itself, as a person would label it: a sum that does not hold, or another number than the count has. */
export function isWrongStep(problem: string, text: string): boolean {
  const [, a, b, sum] = /(\d+) \+ (\d+) = (\d+)/.exec(text) ?? [];
  if (a !== undefined) return Number(a) + Number(b) !== Number(sum);
  const [, first] = /^Start with (\d+)/.exec(problem) ?? [];
  const [, step, number] = /Step (\d+): (\d+)/.exec(text) ?? [];
  return step !== undefined && Number(first) + Number(step) !== Number(number);
}
