// Two writers whose solutions the tiny Llama is pretrained on. The careful one counts step by step, counts back to check, and corrects an
// error; the hasty one writes a guess of the result without steps.
import { answerOf, between, type Task } from './families.ts';

/** A count: a start, a number of steps, and the size of a step. */
interface Count {
  asked: string;
  from: number;
  steps: number;
  by: number;
}

interface Counted {
  text: string;
  end: number;
}

/** `27 + 3: 1:28 2:29 3:30`. @param slip at which step the writer misses a number, from 1; 0 is nowhere. */
function count({ asked, from, steps, by }: Count, slip = 0): Counted {
  let value = from;
  const counted: string[] = [];
  for (let step = 1; step <= steps; step++) {
    value += step === slip ? by + Math.sign(by) : by;
    counted.push(`${step}:${value}`);
  }
  return { text: `${asked}: ${counted.join(' ')}.`, end: value };
}

const plus = (a: number, b: number): Count => ({ asked: `${a} + ${b}`, from: a, steps: b, by: 1 });
const minus = (a: number, b: number): Count => ({ asked: `${a} - ${b}`, from: a, steps: b, by: -1 });
const times = (a: number, b: number): Count => ({ asked: `${a} * ${b}`, from: 0, steps: a, by: b });

/** The counts that work a task out; the last one may begin where the one before ended. */
function solve(task: Task, slips: (steps: number) => number): Counted {
  const [a, b] = task.operands;
  if (task.kind === 'add') return count(plus(a, b), slips(b));
  if (task.kind === 'subtract') return count(minus(a, b), slips(b));
  if (task.kind === 'multiply') return count(times(a, b), slips(a));
  const [, , c] = task.operands;
  const product = count(times(a, b));
  const rest = count(minus(product.end, c), slips(c));
  return { text: `${product.text} ${rest.text}`, end: rest.end };
}

/** Counts back from a result, and states whether that gives the given number. */
function check({ kind, operands: [a, b, c = 0] }: Task, result: number): { text: string; fits: boolean } {
  if (kind === 'add' || kind === 'subtract') {
    const back = count(kind === 'add' ? minus(result, b) : plus(result, b));
    return { text: back.text, fits: back.end === a };
  }
  const back = count(kind === 'multiply' ? { asked: `${result}`, from: result, steps: a, by: -b } : plus(result, c));
  return { text: back.text, fits: back.end === (kind === 'multiply' ? 0 : a * b) };
}

/** @param slips chance of an error in the first answer, which the check finds. */
export function careful(task: Task, random: () => number, slips: number): string {
  const right = solve(task, () => 0);
  const good = `${right.text} Let me check: ${check(task, right.end).text} It fits. So \\boxed{${right.end}}.`;
  if (random() >= slips) return good;
  const slipped = solve(task, (steps) => between(random, 1, steps));
  const found = check(task, slipped.end);
  if (slipped.end > 99 || found.fits || /:-/.test(slipped.text + found.text)) return good;
  return `${slipped.text} Let me check: ${found.text} That is wrong, so I go back and start over. ${good}`;
}

/** A result without steps. */
export function atOnce({ kind, operands: [a, b, c] }: Task, result: number): string {
  const signs = { add: '+', subtract: '-', multiply: '*', 'multiply-subtract': '*' } as const;
  const asked = c === undefined ? `${a} ${signs[kind]} ${b}` : `${a} * ${b} - ${c}`;
  return `${asked} = ${result}. So \\boxed{${result}}.`;
}

/** The right result one time in four, else a near one. */
export function hasty(task: Task, random: () => number): string {
  const off = random() < 0.25 ? 0 : ([1, -1, 2, -2, 3, -3, 10][between(random, 0, 6)] ?? 0);
  return atOnce(task, Math.abs(answerOf(task) + off) % 100);
}

/** Whether a text holds the task's answer in its box; for tests and for tuning. */
export function boxedRight(text: string, task: Task): boolean {
  return text.endsWith(`\\boxed{${answerOf(task)}}.`);
}
