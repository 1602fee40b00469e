import { join } from 'node:path';
import { defined } from '../../../src/core/defined.ts';
import { classOf, piecesOf } from '../../../src/core/dialogue/index.ts';
import { runFilters } from '../../../src/core/filters/index.ts';
import { gradeAnswer } from '../../../src/core/grading/index.ts';
import {
  type Chain,
  DialogueSettings,
  FilterSettings,
  type GradingPolicy,
  type JournalLine,
  type PieceRecord,
} from '../../../src/core/schemas/index.ts';
import { summariseChains } from '../../../src/runner/summary.ts';
import type { Dataset } from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { chain, plan } from '../../unit/store/fixtures.ts';
import { newDataset, open } from '../../unit/verbs/run.ts';

const filters = FilterSettings.parse({});

interface Written {
  first: string;
  second: string;
  check?: 'correct' | 'wrong';
}

/** A key like that of a call: 32 hex digits. */
export function keyOf(problem: number, piece: number): string {
  return `${problem}${piece}`.padStart(32, '0');
}

/** A finished dialogue round of one chain per problem, graded by `policy`, with texts as a model writes them. */
export async function dialogueRound(
  golds: readonly string[],
  written: readonly Written[],
  policy: GradingPolicy,
): Promise<Dataset> {
  const dataset = await open(await newDataset());
  const round = '1-dialogue';
  const problems = golds.map((answer, i) => ({ id: `p${i}`, problem: `What is the value of number ${i}?`, answer }));
  await appendLines(join(dataset.problemsFolder, 'own.jsonl'), problems);
  await dataset.createRound(
    plan(round, {
      problemIds: problems.map(({ id }) => id),
      dialogue: DialogueSettings.parse({}),
      grading: policy,
      filters,
      seed: 7,
    }),
  );
  const chains: Chain[] = [];
  for (const [i, { first, second, check = 'wrong' }] of written.entries()) {
    const gold = golds[i] ?? '';
    const texts = [
      `Let us compute it step by step. It is \\boxed{${first}}.`,
      `Putting it back into the problem shows what it is.\nVerdict: ${check}`,
      `Another way is to count them one by one: \\boxed{${second}}.`,
      `Going back from the end to the givens, it is \\boxed{${second}}.`,
    ];
    const pieces = piecesOf(2).map((piece, k): PieceRecord => {
      const text = texts[k] ?? '';
      const graded = piece === 'check[1]' ? {} : { verdict: gradeAnswer(gold, text, policy) };
      return { piece, text, call: keyOf(i, k), finish: 'stop', ...graded };
    });
    for (const [k, { piece, text, verdict }] of pieces.entries()) {
      const line: JournalLine = {
        key: keyOf(i, k),
        at: '2026-01-01T00:00:00.000Z',
        problemId: `p${i}`,
        piece,
        index: 0,
        request: {
          host: 'h',
          model: 'm',
          messages: [{ role: 'user', content: '?' }],
          sampling: { temperature: 1, topP: 1, maxTokens: 9 },
          seed: k,
        },
        reply: { text, finish: 'stop', usage: { prompt: 1, completion: 9, estimated: false }, ms: 1 },
      };
      await appendLines(join(dataset.roundFolder(round), 'journal.jsonl'), [line]);
      if (verdict) await dataset.appendGrades(round, [{ key: line.key, problemId: `p${i}`, piece, index: 0, verdict }]);
    }
    const [a, , b, summary] = pieces;
    const chainClass = a?.verdict && b?.verdict ? classOf(a.verdict.outcome, b.verdict.outcome) : undefined;
    const verdict = summary?.verdict ?? gradeAnswer(gold, '', policy);
    const text = texts.join('\n\n');
    const results = runFilters({ class: chainClass, text, problem: undefined, pieces, verdict }, filters);
    chains.push(
      chain(`${round}/p${i}/0-0`, {
        round,
        problemId: `p${i}`,
        text,
        pieces,
        verdict,
        filters: results,
        passed: results.every(({ passed }) => passed),
        ...defined({ class: chainClass }),
      }),
    );
  }
  await dataset.appendChains(round, chains);
  const none = { FT: 0, TT: 0, TF: 0, FF: 0 };
  await dataset.writeSummary(round, {
    version: 1,
    round,
    finishedAt: '2026-01-01T00:00:00.000Z',
    calls: 4,
    completionTokens: 36,
    seconds: 1,
    problems: golds.length,
    problemsWithoutChain: 0,
    pairs: none,
    ...summariseChains(chains, 7, DialogueSettings.parse({})),
  });
  await dataset.refresh();
  return dataset;
}
