import { randomSource } from '../../../src/core/maths/random.ts';

/** A running sum with one wrong step, in the form of ProcessBench. */
export interface PlantedChain {
  id: string;
  problem: string;
  answer: string;
  steps: string[];
  /** The first wrong step, from 0. */
  label: number;
}

const LARGEST = 9;
const WORDS = ['Add', 'Then add', 'Now add', 'Next add'] as const;

/** `count` running sums with `steps` additions of one digit. The wrong step is anywhere; the steps after it are right about the wrong sum. */
export function plantedChains(count: number, steps: number, seed: number): PlantedChain[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, (_, index) => {
    const numbers = drawNumbers(steps, random);
    const label = Math.floor(random() * steps);
    const off = (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 2));
    return { id: `planted-${index}`, ...problemOf(numbers), steps: stepsOf(numbers, label, off, random), label };
  });
}

/** A row of a corpus: a problem with a right solution. */
export function solvedSum(steps: number, random: () => number): { prompt: string; completion: string } {
  const numbers = drawNumbers(steps, random);
  return { prompt: problemOf(numbers).problem, completion: stepsOf(numbers, -1, 0, random).join('\n\n') };
}

function drawNumbers(steps: number, random: () => number): number[] {
  return Array.from({ length: steps + 1 }, () => 1 + Math.floor(random() * LARGEST));
}

function problemOf([first = 0, ...rest]: readonly number[]): { problem: string; answer: string } {
  const sum = rest.reduce((all, number) => all + number, first);
  return { problem: `Start with ${first} and add ${rest.join(', ')}. What is the result?`, answer: String(sum) };
}

/** One addition a step, then the answer. @param wrong index of the step whose sum is off; −1 for none */
function stepsOf(numbers: readonly number[], wrong: number, off: number, random: () => number): string[] {
  let sum = numbers[0] ?? 0;
  const steps = numbers.slice(1).map((number, index) => {
    const before = sum;
    sum += number + (index === wrong ? off : 0);
    const word = index === 0 ? WORDS[0] : (WORDS[1 + Math.floor(random() * (WORDS.length - 1))] ?? WORDS[1]);
    return `${word} ${number}: ${before} + ${number} = ${sum}.`;
  });
  return [...steps, `The result is \\boxed{${sum}}.`];
}
