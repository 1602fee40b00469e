import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { randomSource } from '../../../src/core/maths/random.ts';

const THINGS = ['pencils', 'apples', 'marbles', 'books', 'tickets', 'stamps', 'coins', 'shells'];
const MODELS = ['qwen3-8b', 'qwen3-32b', 'r1-distill-7b'];
/** Traces of each problem. */
const SAMPLES = 8;

interface Drawn {
  random: () => number;
  /** A whole number from `low` to `high`. */
  number: (low: number, high: number) => number;
}

/**
 * Writes rows with a problem, a trace of about 1.6 kB and a gold answer: most are right, some are wrong, truncated, repetitive or without a box.
 * The same rows each time.
 * @returns bytes.
 */
export async function writeTraces(path: string, rows: number): Promise<number> {
  const file = createWriteStream(path);
  let bytes = 0;
  for (let row = 0; row < rows; row++) {
    const line = `${JSON.stringify(traceRow(row))}\n`;
    bytes += Buffer.byteLength(line);
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return bytes;
}

function traceRow(row: number): Record<string, string> {
  const problem = drawn(Math.floor(row / SAMPLES));
  const [boxes, each, sold, thing] = [
    problem.number(12, 96),
    problem.number(12, 48),
    problem.number(3, 11),
    problem.number(0, 7),
  ];
  const name = THINGS[thing] ?? '';
  const answer = (boxes - sold) * each;
  const own = drawn(1_000_003 + row);
  return {
    id: `t${row}`,
    problem: `A shop has ${boxes} boxes with ${each} ${name} each. It sells ${sold} whole boxes and orders no new ones for order ${Math.floor(row / SAMPLES)}. How many ${name} are left?`,
    trace: trace(own, { boxes, each, sold, answer, name }),
    answer: String(answer),
    model: MODELS[own.number(0, 2)] ?? '',
    level: `Level ${problem.number(1, 5)}`,
    topic: ['Algebra', 'Number Theory', 'Counting'][problem.number(0, 2)] ?? '',
  };
}

function trace(
  { random, number }: Drawn,
  { boxes, each, sold, answer, name }: { boxes: number; each: number; sold: number; answer: number; name: string },
): string {
  const kind = random();
  const final = kind < 0.25 ? answer + number(1, 9) * 10 : answer;
  const left = boxes - sold;
  const steps = [
    `Let me first find out what is asked: the number of ${name} that are left.`,
    `The shop begins with $${boxes} \\times ${each} = ${boxes * each}$ ${name}.`,
    `It sells ${sold} boxes, so $${sold} \\times ${each} = ${sold * each}$ ${name} are gone.`,
    `Then \\(${boxes * each} - ${sold * each} = ${answer}\\).`,
    `Wait, let me check this another way.`,
    `There are $${boxes} - ${sold} = ${left}$ boxes left, and each has ${each} ${name}.`,
    `So $${left} \\times ${each} = ${left * each}$, which agrees with what I found before.`,
    `Alternatively, I could split it: $${left} \\times ${each} = ${left} \\times ${each - 2} + ${left} \\times 2 = ${left * (each - 2)} + ${left * 2} = ${left * each}$.`,
    `Hmm, is there a box that was sold twice? No, the problem is about whole boxes.`,
    `We want the total, so the next goal is to write the result as one number.`,
    `Suppose instead that ${number(2, 5)} more boxes were sold; then fewer than ${answer} ${name} would be left, which is not asked.`,
    `Working backward from ${answer}: dividing by ${each} gives ${left}, and adding ${sold} gives ${boxes}, as it should be.`,
    `That confirms the result of the first computation.`,
  ];
  if (kind > 0.95)
    steps.push(...Array.from({ length: 12 }, () => 'Wait, let me check this another way. It is the same.'));
  const from = number(0, 3);
  const thought = [...steps, ...steps.slice(from, from + 5)].join(random() < 0.5 ? ' ' : '\n\n');
  if (kind > 0.9 && kind < 0.93) return `<think>\n${thought}`;
  return `<think>\n${thought}\n</think>\n\n${kind > 0.93 && kind < 0.95 ? `The answer is ${final}.` : `The shop has $${left}$ boxes left. The answer is $\\boxed{${final}}$.`}`;
}

function drawn(seed: number): Drawn {
  const random = randomSource(seed);
  return { random, number: (low, high) => low + Math.floor(random() * (high - low + 1)) };
}
