// Problem families of the closed loop: templates of our own with exact answers. A problem is a family, a wording and its operands.

/** Numbers that a family draws from. `counting`: what can be counted up or down in a few steps, below 60; for the tiny Llama. `small`: for a pretrained model. */
export type Scale = 'counting' | 'small';

/** The sum that a wording asks for; `operands` in the order in which they are computed with. */
export type Task =
  | { kind: 'add'; operands: readonly [number, number] }
  | { kind: 'subtract'; operands: readonly [number, number] }
  | { kind: 'multiply'; operands: readonly [number, number] }
  | { kind: 'multiply-subtract'; operands: readonly [number, number, number] };

export interface Family {
  name: string;
  /** Held-out families are evaluated and never trained on. */
  heldOut: boolean;
  draw(random: () => number, scale: Scale): Task;
  /** Each number-free stretch is shorter than eight words, so that two problems of one wording share no eight words unless they share their numbers. */
  wordings: readonly ((operands: readonly number[]) => string)[];
}

/** An integer in [from, to]. */
export function between(random: () => number, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

function sum(random: () => number, scale: Scale): Task {
  const a = scale === 'small' ? between(random, 2, 29) : between(random, 11, 49);
  return { kind: 'add', operands: [a, between(random, 2, scale === 'small' ? 29 : 5)] };
}

function difference(random: () => number, scale: Scale): Task {
  const { operands } = sum(random, scale);
  return { kind: 'subtract', operands: [operands[0] + operands[1], operands[1]] };
}

function product(random: () => number, scale: Scale): Task {
  const most = scale === 'small' ? 12 : 9;
  return { kind: 'multiply', operands: [between(random, 2, scale === 'small' ? 9 : 5), between(random, 2, most)] };
}

function productLess(random: () => number, scale: Scale): Task {
  const [a, b] = [between(random, 2, 5), between(random, 3, 9)];
  return {
    kind: 'multiply-subtract',
    operands: [a, b, between(random, 2, scale === 'small' ? Math.min(9, a * b - 1) : 5)],
  };
}

export const FAMILIES: readonly Family[] = [
  {
    ...{ name: 'sum', heldOut: false, draw: sum },
    wordings: [
      ([a, b]) => `What is ${a} + ${b}?`,
      ([a, b]) => `Add ${a} and ${b}.`,
      ([a, b]) => `${a} plus ${b} is what?`,
      ([a, b]) => `Find ${a} + ${b}.`,
    ],
  },
  {
    ...{ name: 'difference', heldOut: false, draw: difference },
    wordings: [
      ([a, b]) => `What is ${a} - ${b}?`,
      ([a, b]) => `Take ${b} from ${a}.`,
      ([a, b]) => `${a} less ${b} is what?`,
      ([a, b]) => `Find ${a} - ${b}.`,
    ],
  },
  {
    ...{ name: 'product', heldOut: false, draw: product },
    wordings: [
      ([a, b]) => `What is ${a} * ${b}?`,
      ([a, b]) => `Multiply ${a} by ${b}.`,
      ([a, b]) => `${a} times ${b} is what?`,
      ([a, b]) => `Find ${a} * ${b}.`,
    ],
  },
  {
    ...{ name: 'bought', heldOut: false, draw: sum },
    wordings: [
      ([a, b]) => `A shop has ${a} pens and buys ${b}. How many now?`,
      ([a, b]) => `A farm with ${a} hens gets ${b} more. How many now?`,
      ([a, b]) => `To ${a} cups come ${b} cups. How many now?`,
      ([a, b]) => `In a bag of ${a} nuts go ${b} more. How many now?`,
    ],
  },
  {
    ...{ name: 'sold', heldOut: false, draw: difference },
    wordings: [
      ([a, b]) => `A shop with ${a} cups sells ${b}. How many are left?`,
      ([a, b]) => `Of ${a} eggs, ${b} break. How many are whole?`,
      ([a, b]) => `From ${a} nuts go ${b} nuts. How many are left?`,
      ([a, b]) => `A farm with ${a} hens sells ${b}. How many are left?`,
    ],
  },
  {
    ...{ name: 'bags', heldOut: false, draw: product },
    wordings: [
      ([a, b]) => `There are ${a} bags of ${b} nuts. How many nuts?`,
      ([a, b]) => `In ${a} rows stand ${b} chairs each. How many chairs?`,
    ],
  },
  {
    ...{ name: 'missing', heldOut: true, draw: difference },
    wordings: [([a, b]) => `What plus ${b} is ${a}?`],
  },
  {
    ...{ name: 'longer', heldOut: true, draw: difference },
    wordings: [([a, b]) => `A rope has ${a} m, another ${b} m. How much longer is it?`],
  },
  {
    ...{ name: 'bags-less', heldOut: true, draw: productLess },
    wordings: [([a, b, c]) => `Of ${a} bags with ${b} nuts, ${c} nuts are bad. How many are good?`],
  },
];

export function answerOf({ kind, operands: [a, b, c = 0] }: Task): number {
  switch (kind) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'multiply-subtract':
      return a * b - c;
  }
}

export interface LoopProblem {
  id: string;
  problem: string;
  answer: string;
  /** The family. */
  topic: string;
}

/** A problem with what a writer of solutions needs. */
export interface Drawn extends LoopProblem {
  task: Task;
}

export function drawProblem(family: Family, random: () => number, scale: Scale): Drawn {
  const task = family.draw(random, scale);
  const wording = family.wordings[Math.floor(random() * family.wordings.length)];
  if (!wording) throw new Error(`The family ${family.name} has no wording.`);
  const id = `${family.name}-${family.wordings.indexOf(wording)}-${task.operands.join('-')}`;
  return { id, problem: wording(task.operands), answer: String(answerOf(task)), topic: family.name, task };
}
