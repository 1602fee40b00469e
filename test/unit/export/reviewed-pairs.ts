import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Dataset } from '../../../src/store/index.ts';
import { act, chain, grade, mediaFolder, plan, problem } from '../store/fixtures.ts';

const MODEL = { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'm' } as const;

/**
 * A dataset of four problems, each with a short accepted chain and a rejected one with a wrong step. The model solved half of its samples.
 */
export async function reviewedPairs(folder: string): Promise<string> {
  const opened = await Dataset.create(folder, { name: 'pairs', mediaFolder: await mediaFolder() });
  await opened.saveSettings({ model: MODEL });
  const ids = ['p1', 'p2', 'p3', 'p4'];
  await mkdir(opened.problemsFolder, { recursive: true });
  const problems = ids.map((id, n) => problem(id, { problem: `What is ${n} + 2?`, answer: `${n + 2}` }));
  await writeFile(join(opened.problemsFolder, 'p.jsonl'), problems.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await opened.createRound(plan('0-first', { model: MODEL, problemIds: ids }));
  const chains = ids.flatMap((problemId, n) => [
    chain(`${problemId}-right`, { problemId, text: `${n} + 2 = ${n + 2}. \\boxed{${n + 2}}` }),
    chain(`${problemId}-wrong`, { problemId, text: `${n} + 2 = ${n + 3}. \\boxed{${n + 3}}`, passed: false }),
  ]);
  await opened.appendChains('0-first', chains);
  await opened.appendGrades(
    '0-first',
    ids.flatMap((id) => [grade(`${id}-1`, id, 'correct'), grade(`${id}-2`, id, 'incorrect')]),
  );
  for (const { id } of chains)
    await opened.appendReview(act('r1', id, { act: id.endsWith('right') ? 'accept' : 'reject' }));
  for (const { id, text } of chains) {
    const end = text.indexOf(' \\boxed');
    const place = id.endsWith('right') ? ('none' as const) : { start: 0, end };
    await opened.appendReview(act('r1', id, { act: 'first-wrong-step', place }));
  }
  await opened.close();
  return folder;
}
