import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradeAnswer, resolvePolicy } from '../../../src/core/grading/index.ts';
import type { JournalLine, PieceRecord } from '../../../src/core/schemas/index.ts';
import { answerTexts, flipsPage, withTexts } from '../../../src/editor/grading/flips.ts';
import type { Dataset } from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { chain, plan } from '../store/fixtures.ts';
import { newDataset, open, run } from '../verbs/run.ts';

const ROUND = '1-dialogue';
const KEYS = { right: 'a'.repeat(32), rounded: 'b'.repeat(32) };
const GOLD = '\\pi';
const usual = resolvePolicy('default');

const journalLine = (key: string, text: string): JournalLine => ({
  key,
  at: '2026-01-01T00:00:00.000Z',
  problemId: 'p1',
  piece: 'answer[1]',
  index: 0,
  request: {
    host: 'h',
    model: 'm',
    messages: [{ role: 'user', content: '?' }],
    seed: 1,
    sampling: { temperature: 1, topP: 1, maxTokens: 9 },
  },
  reply: { text, finish: 'stop', usage: { prompt: 1, completion: 9, estimated: false }, ms: 1 },
});

/** One problem, two answers in the journal of which one is rounded, and a handwritten chain that ends in a rounded one. */
async function graded(): Promise<Dataset> {
  const dataset = await open(await newDataset());
  await appendLines(join(dataset.problemsFolder, 'own.jsonl'), [{ id: 'p1', problem: 'Which ratio?', answer: GOLD }]);
  await dataset.createRound(plan(ROUND, { grading: usual, filters: dataset.settings.filters }));
  const texts = { [KEYS.right]: 'It is \\boxed{\\pi}.', [KEYS.rounded]: `${'So. '.repeat(200)}It is \\boxed{3.14}.` };
  for (const [key, text] of Object.entries(texts)) {
    await appendLines(join(dataset.roundFolder(ROUND), 'journal.jsonl'), [journalLine(key, text)]);
    const verdict = gradeAnswer(GOLD, text, usual);
    await dataset.appendGrades(ROUND, [{ key, problemId: 'p1', piece: 'answer[1]', index: 0, verdict }]);
  }
  const text = 'By hand it is \\boxed{3.14}.';
  const verdict = gradeAnswer(GOLD, text, usual);
  const pieces: PieceRecord[] = [{ piece: 'trace', text, verdict }];
  const { class: _, ...imported } = chain('by hand', { round: ROUND, origin: 'handwritten', text, pieces, verdict });
  await dataset.appendChains(ROUND, [{ ...imported, passed: false }]);
  await dataset.refresh();
  return dataset;
}

const still = new AbortController().signal;

describe('the page of what would flip', () => {
  it('has gold, both verdicts and the end of each text that flips, and nothing of what stays', async () => {
    const dataset = await graded();
    const found = await run('regrade', { dataset: dataset.folder, policy: 'lenient' });
    expect(found.flips).toMatchObject({ answers: { 'incorrect → correct': 2 }, chains: { 'incorrect → correct': 1 } });
    const page = await flipsPage(dataset, found, still);
    expect(page).toContain('# What changes with “lenient”');
    expect(page).toContain('| incorrect → correct | 3 |');
    expect(page).toContain(`p1, answer[1] in ${ROUND}, bbbbbbbb`);
    expect(page).toContain('chain by hand, trace');
    expect(page).not.toContain('aaaaaaaa');
    expect(page).toContain('It is \\boxed{3.14}.`');
    expect(page).toContain('- prediction `By hand it is \\boxed{3.14}.`');
    expect(page).toContain('- A incorrect: extracted `3.14`');
    expect(page).toContain('- B correct: extracted `3.14`');
    expect(page.length).toBeLessThan(3000);
    await dataset.close();
  });

  it('lists chains whose filters speak otherwise, and none where nothing changes', async () => {
    const dataset = await graded();
    const lenient = await run('regrade', { dataset: dataset.folder, policy: 'lenient' });
    const page = await flipsPage(dataset, lenient, still);
    expect(page).toContain('- `by hand`: passes the filters, did not before');
    const same = await run('regrade', { dataset: dataset.folder, policy: 'default' });
    const none = await flipsPage(dataset, same, still);
    expect(none).toContain('0 flipped');
    expect(none).not.toContain('##');
    await dataset.close();
  });

  it('is given up when it is cancelled', async () => {
    const dataset = await graded();
    const found = await run('regrade', { dataset: dataset.folder, policy: 'lenient' });
    await expect(flipsPage(dataset, found, AbortSignal.abort())).rejects.toThrow();
    await dataset.close();
  });
});

describe('the comparison of two gradings of a dataset', () => {
  it('gets the ends of the answers from journal and chains', async () => {
    const dataset = await graded();
    const [a, b] = [
      (await run('regrade', { dataset: dataset.folder, policy: 'default' })).folder,
      (await run('regrade', { dataset: dataset.folder, policy: 'lenient' })).folder,
    ];
    const keys = { goldKey: 'gold', predictionKey: 'prediction', limit: 10 };
    const bare = await run('compare-gradings', { a, b, ...keys });
    expect(bare.listed.map(({ prediction }) => prediction)).toEqual([undefined, undefined, undefined]);
    const full = await withTexts(dataset, bare, [ROUND], still);
    const texts = new Map(full.listed.map(({ id, prediction }) => [id, prediction]));
    expect(texts.get(`answer ${KEYS.rounded}`)).toMatch(/^… .*It is \\boxed\{3\.14\}\.$/);
    expect(texts.get('answer by hand trace')).toBe('By hand it is \\boxed{3.14}.');
    expect(texts.get('chain by hand')).toBeUndefined();
    expect({ ...full, listed: [] }).toEqual({ ...bare, listed: [] });
    await dataset.close();
  });

  it('omits the texts of missing answers', async () => {
    const dataset = await graded();
    const ids = new Set(['c'.repeat(32), 'no such chain trace', KEYS.right]);
    const texts = await answerTexts(dataset, ids, [ROUND], still);
    expect([...texts.keys()]).toEqual([KEYS.right]);
    await dataset.close();
  });
});
