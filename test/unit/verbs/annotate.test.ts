import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { file, run, temporaryFolder } from './run.ts';

interface Row {
  [key: string]: unknown;
  sentences: { start: number; end: number; labels: string[]; scores: Record<string, number> }[];
  spans: { kind: string; start: number; end: number; source: string }[];
  candidates: { start: number; end: number; answer: string; outcome?: string }[];
}

async function annotated(rows: readonly unknown[], args: Partial<VerbArgs<'annotate'>> = {}) {
  const folder = await temporaryFolder();
  const out = join(folder, 'out.jsonl');
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
  const path = await file('in.jsonl', `${lines.join('\n')}\n`);
  const result = await run('annotate', { file: path, textKey: 'text', workers: 1, out, ...args });
  const text = await readFile(out, 'utf8');
  return {
    result,
    rows: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
  };
}

const TEXT =
  'First I need the number of pairs. There are 5 · 4 / 2 = 12 of them, so the answer is 12. ' +
  'Let me check that: 5 · 4 is 20 and half of it is 10. So 12 was wrong. The answer is \\boxed{10}. 🙂';

describe('annotate', () => {
  test('returns the rows in order, with sentences that join to the text, spans of sentences, and candidates', async () => {
    const { rows, result } = await annotated([{ id: 7, text: TEXT }, { text: '', note: 'empty' }, { text: 'Hello.' }]);
    expect(rows.map(({ id, note, text }) => [id, note, text])).toEqual([
      [7, undefined, TEXT],
      [undefined, 'empty', ''],
      [undefined, undefined, 'Hello.'],
    ]);
    const [row] = rows;
    expect(row?.sentences.map(({ start, end }) => TEXT.slice(start, end)).join('')).toBe(TEXT);
    for (const { labels, scores } of row?.sentences ?? []) {
      expect(Object.keys(scores)).toEqual(['verification', 'backtracking', 'subgoal', 'backward']);
      for (const label of labels) expect(scores[label]).toBeGreaterThan(0);
    }
    const starts = new Set(row?.sentences.map(({ start }) => start));
    for (const { start, end } of row?.spans ?? []) {
      expect(starts.has(start)).toBe(true);
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(TEXT.length);
    }
    expect(row?.candidates.map(({ start, end }) => TEXT.slice(start, end))).toEqual(['12', '10', '10']);
    expect(row?.candidates[0]).not.toHaveProperty('outcome');
    expect(result).toMatchObject({ rows: 3, bad: 0, candidates: 3 });
  });

  test('grades the candidates if there is a gold answer, and lists the transitions between them', async () => {
    const { rows } = await annotated([{ text: TEXT, gold: 10 }]);
    expect(rows[0]?.candidates.map(({ outcome }) => outcome)).toEqual(['incorrect', 'correct', 'correct']);
    expect(rows[0]?.transitions).toEqual([
      { from: 0, to: 1, kind: 'wrong-right', changed: true },
      { from: 1, to: 2, kind: 'right-right', changed: false },
    ]);
  });

  test('reads a gold answer as grading does: long numbers to the last digit', async () => {
    const text = 'The answer is 123456789012345678901.';
    const { rows } = await annotated([
      `{"text": "${text}", "gold": 123456789012345678901}`,
      `{"text": "${text}", "gold": 123456789012345678902}`,
    ]);
    expect(rows.map(({ candidates }) => candidates[0]?.outcome)).toEqual(['correct', 'incorrect']);
  });

  test('reports bad rows and annotates the others', async () => {
    const { rows, result } = await annotated(['not json', { gold: '1' }, { text: 5 }, { text: 'The answer is 3.' }]);
    expect(rows.map(({ error }) => typeof error)).toEqual(['string', 'string', 'string', 'undefined']);
    expect(String(rows[1]?.error)).toContain('“text”');
    expect(result).toMatchObject({ rows: 4, bad: 3 });
  });

  test('fails if no row has a text', async () => {
    await expect(annotated([{ trace: 'x' }, { trace: 'y' }])).rejects.toThrow('No row has a text “text”');
  });

  test('reads the text from another key', async () => {
    const { rows } = await annotated([{ reply: { content: 'The answer is 3.' } }], { textKey: 'reply.content' });
    expect(rows[0]?.candidates.map(({ answer }) => answer)).toEqual(['3']);
  });
});
