import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../../src/core/defined.ts';
import type { Chain, GradeLine, Problem, ReviewAct, RoundPlan, Verdict } from '../../../src/core/schemas/index.ts';
import { Dataset } from '../../../src/store/dataset.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export { temporaryFolder };

/** A media folder with two small prompt sets. */
export async function mediaFolder(): Promise<string> {
  const folder = await temporaryFolder();
  for (const set of ['full', 'small']) {
    await mkdir(join(folder, 'prompts', set), { recursive: true });
    await writeFile(join(folder, 'prompts', set, 'answer-1.md'), `## user\n${set}: {{problem}}\n`);
  }
  return folder;
}

export async function newDataset(name = 'test', log?: (text: string) => void): Promise<Dataset> {
  const folder = join(await temporaryFolder(), 'dataset');
  return Dataset.create(folder, { name, mediaFolder: await mediaFolder(), ...defined({ log }) });
}

export function problem(id: string, rest: Partial<Problem> = {}): Problem {
  return { id, problem: `What is ${id} plus one?`, answer: '2', ...rest };
}

const CORRECT: Verdict = { outcome: 'correct', method: 'number', extracted: '2', gold: '2', prediction: '2' };

export function chain(id: string, rest: Partial<Chain> = {}): Chain {
  const text = rest.text ?? `Let me see. The answer is 2. (${id})`;
  return {
    id,
    round: '0-first',
    problemId: 'p1',
    origin: 'dialogue',
    class: 'FT',
    text,
    segments: [{ piece: 'answer[1]', start: 0, end: text.length, train: true }],
    spans: [],
    verdict: CORRECT,
    pieces: [],
    filters: [],
    passed: true,
    model: 'some-model',
    tokens: { count: 9, estimated: true },
    createdAt: '2026-01-01T00:00:00.000Z',
    ...rest,
  };
}

export function plan(round: string, rest: Partial<RoundPlan> = {}): RoundPlan {
  return { version: 1, round, kind: 'dialogue', createdAt: '2026-01-01T00:00:00.000Z', problemIds: ['p1'], ...rest };
}

export function grade(key: string, problemId: string, outcome: Verdict['outcome'], piece = 'answer[1]'): GradeLine {
  return { key, problemId, piece, index: 0, verdict: { ...CORRECT, outcome } };
}

let acts = 0;

/** An act with its own id and time. */
export function act(reviewer: string, chainId: string, rest: Payload): ReviewAct {
  const n = acts++;
  const at = new Date(Date.UTC(2026, 0, 2) + n * 1000).toISOString();
  return { id: `act-${n}`, at, reviewer, chainId, ...rest };
}

type Stamped = 'id' | 'at' | 'reviewer' | 'chainId';
type Payload = { [A in ReviewAct['act']]: Omit<Extract<ReviewAct, { act: A }>, Stamped> }[ReviewAct['act']];
