import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { capture } from '../../../scripts/lib/process.ts';
import { defined } from '../../../src/core/defined.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import type { Judged } from './ours.ts';
import type { Pair } from './pairs.ts';

const VERSION = '0.9.0';
const SCRIPT = join(import.meta.dirname, 'judge.py');
const INSTALL_SECONDS = 300;
const Line = z.object({ correct: z.boolean(), ms: z.number(), failure: z.string().nullable() });

/** The Python of a virtual environment with Math-Verify, created in the cache folder if missing; else a sentence with the reason. */
export async function findMathVerify(): Promise<{ python: string } | string> {
  const folder = join(cacheFolder(), 'bench', `math-verify-${VERSION}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  try {
    if (existsSync(python) && (await capture(python, ['-c', 'import math_verify'])).code === 0) return { python };
    await rm(folder, { recursive: true, force: true });
    const made = await capture(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder], {
      limit: 60,
    });
    if (made.code !== 0) return `no virtual environment could be made: ${last(made.stderr)}`;
    console.log(`Installing Math-Verify ${VERSION} into ${folder} …`);
    const pip = ['-m', 'pip', 'install', '--quiet', `math-verify==${VERSION}`];
    const { code, stderr } = await capture(python, pip, { limit: INSTALL_SECONDS });
    if (code === 0) return { python };
    await rm(folder, { recursive: true, force: true });
    return `pip cannot install it: ${last(stderr)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

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
    throw new Error(`Math-Verify ended after ${answers.length} of ${pairs.length} pairs: ${last(errors)}`);
  }
  const judged = answers.map((line) => Line.parse(JSON.parse(line)));
  return judged.map(({ correct, ms, failure }) => ({ correct, ms, ...(failure === null ? {} : { failure }) }));
}

function last(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
