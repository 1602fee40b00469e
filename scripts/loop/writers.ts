// Two writers whose solutions the tiny Llama is pretrained on. The careful one works in steps, checks, and takes a slip back; the hasty one
// writes a result down at once and forgets what is carried.
import { answerOf, between, type Task } from './families.ts';

interface Step {
  left: number;
  sign: '+' | '-' | '*';
  right: number;
  /** What the writer says that it is. */
  value: number;
}

function compute(left: number, sign: Step['sign'], right: number): number {
  if (sign === '+') return left + right;
  return sign === '-' ? left - right : left * right;
}

const write = ({ left, sign, right, value }: Step): string => `${left} ${sign} ${right} = ${value}`;

/** Adds to every value of the steps from `slipAt` on; nothing when it is -1. */
class Working {
  readonly steps: Step[] = [];
  readonly #slipAt: number;
  readonly #slip: number;

  constructor(slipAt = -1, slip = 0) {
    this.#slipAt = slipAt;
    this.#slip = slip;
  }

  step(left: number, sign: Step['sign'], right: number): number {
    const slip = this.steps.length === this.#slipAt ? this.#slip : 0;
    const value = compute(left, sign, right) + slip;
    this.steps.push({ left, sign, right, value });
    return value;
  }

  /** Units first, then tens. */
  digits(left: number, sign: '+' | '-', right: number): number {
    const [tens, units] = [right - (right % 10), right % 10];
    const first = units > 0 ? this.step(left, sign, units) : left;
    return tens > 0 ? this.step(first, sign, tens) : first;
  }

  product(few: number, many: number): number {
    const [tens, units] = [many - (many % 10), many % 10];
    if (tens === 0) return this.step(few, '*', units);
    const large = this.step(few, '*', tens);
    return units > 0 ? this.step(large, '+', this.step(few, '*', units)) : large;
  }

  text(): string {
    return this.steps.map(write).join(', ');
  }
}

/** Works the task out. */
function solve(task: Task, working: Working): number {
  const [a, b, c = 0] = task.operands;
  switch (task.kind) {
    case 'add':
      return working.digits(a, '+', b);
    case 'subtract':
      return working.digits(a, '-', b);
    case 'multiply':
      return working.product(a, b);
    case 'multiply-subtract':
      return working.digits(working.product(a, b), '-', c);
  }
}

/** Works back from a result to what must come out, or looks at the last digit of a product, and says whether it fits. */
function check(task: Task, result: number): { text: string; fits: boolean } {
  const [a, b, c = 0] = task.operands;
  const working = new Working();
  if (task.kind === 'add') return { fits: working.digits(result, '-', b) === a, text: working.text() };
  if (task.kind === 'subtract') return { fits: working.digits(result, '+', b) === a, text: working.text() };
  const last = (((a * b - c) % 10) + 10) % 10;
  if (working.step(a, '*', b % 10) > 0 && c > 0) working.step(a * (b % 10) + (a * (b % 10) < c ? 10 : 0), '-', c);
  return { fits: result % 10 === last, text: `${working.text()} ends in ${last}` };
}

/** @param slips chance of a slip in the first attempt, which the check finds where it can. */
export function careful(task: Task, random: () => number, slips: number): string {
  const right = new Working();
  const answer = solve(task, right);
  const good = `${right.text()}. Let me check: ${check(task, answer).text}. It fits. So \\boxed{${answer}}.`;
  if (random() >= slips) return good;
  const working = new Working(between(random, 0, right.steps.length - 1), random() < 0.5 ? 1 : -1);
  const result = solve(task, working);
  const first = check(task, result);
  if (result < 0 || first.fits) return good;
  return `${working.text()}. Let me check: ${first.text}. That is wrong, so I go back and start over. ${good}`;
}

/** What comes out when nothing is carried or borrowed. */
function withoutCarry({ kind, operands: [a, b, c = 0] }: Task): number {
  const units = (n: number): number => ((n % 10) + 10) % 10;
  const tens = (n: number): number => n - units(n);
  if (kind === 'add') return tens(a) + tens(b) + units(a + b);
  if (kind === 'subtract') return tens(a) - tens(b) + Math.abs(units(a) - units(b));
  const product = a * tens(b) + units(a * b);
  return kind === 'multiply' ? product : Math.abs(product - c);
}

/** @param wild chance that the result is off by one or ten besides. */
export function hasty(task: Task, random: () => number, wild: number): string {
  const [a, b, c] = task.operands;
  const off = random() < wild ? ([1, -1, 10, -10][between(random, 0, 3)] ?? 1) : 0;
  const guess = Math.abs(withoutCarry(task) + off) % 100;
  const signs = { add: '+', subtract: '-', multiply: '*', 'multiply-subtract': '*' } as const;
  const asked = c === undefined ? `${a} ${signs[task.kind]} ${b}` : `${a} * ${b} - ${c}`;
  return `${asked} = ${guess}. So \\boxed{${guess}}.`;
}

/** Whether a text holds the task's answer in its box; for tests and for tuning. */
export function boxedRight(text: string, task: Task): boolean {
  return text.endsWith(`\\boxed{${answerOf(task)}}.`);
}
