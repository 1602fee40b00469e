import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../../src/core/defined.ts';
import { lastLine, pythonWith } from '../python/environment.ts';
import type { Judged } from './ours.ts';
import type { Pair } from './pairs.ts';

const SCRIPT = join(import.meta.dirname, 'judge.py');
const Line = z.object({ correct: z.boolean(), ms: z.number(), failure: z.string().nullable() });

/** The Python of a virtual environment with Math-Verify; else a sentence with the reason. */
export const findMathVerify = (): Promise<{ python: string } | string> =>
  pythonWith({ name: 'math-verify', version: '0.9.0', imported: 'math_verify' });

/** The results of Math-Verify for the pairs, in sequence in one process; its start is not measured. */
export async function judgeWithMathVerify(python: string, pairs: readonly Pair[]): Promise<Judged[]> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = pairs.map(({ gold, prediction, shape, precision }) =>
    JSON.stringify({ gold, prediction, shape, ...defined({ precision }) }),
  );
  // Given whole: the script reads a line when it has answered the one before.
  child.stdin.on('error', () => undefined).end(`${lines.join('\n')}\n`);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  let text = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) text += chunk;
  const answers = text.split('\n').filter((line) => line !== '');
  if (answers.length !== pairs.length) {
    throw new Error(`Math-Verify ended after ${answers.length} of ${pairs.length} pairs: ${lastLine(errors)}`);
  }
  const judged = answers.map((line) => Line.parse(JSON.parse(line)));
  return judged.map(({ correct, ms, failure }) => ({ correct, ms, ...(failure === null ? {} : { failure }) }));
}
