import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import type { Chain, Verdict } from '../../../src/core/schemas/index.ts';
import { DEFAULT_STARTER } from '../../../src/models/starter/catalogue.ts';
import { type Dataset, queryChains } from '../../../src/store/index.ts';
import { type Received, type Scripted, type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';
import { datasetOf, GOLD, judgeAt, messagesOf, ROUND, SOLUTION } from '../../unit/judge/dataset.ts';
import { act, chain } from '../../unit/store/fixtures.ts';
import { run } from '../../unit/verbs/run.ts';

// The server of these tests is SCRIPTED, without a model. It tests requests, payment and verdicts, not the quality of a judge.
let server: ScriptedServer | undefined;
let dataset: Dataset | undefined;

afterEach(async () => {
  await dataset?.close();
  await server?.close();
});

const WRONG = 'The words differ.';

function graded(id: string, outcome: Verdict['outcome'], extracted: string): Chain {
  const verdict = { outcome, method: 'text' as const, extracted, gold: GOLD, prediction: extracted, detail: WRONG };
  const pieces = [{ piece: 'answer[1]' as const, text: `The answer is ${extracted}.`, verdict }];
  return chain(id, { round: ROUND, origin: 'handwritten', class: undefined, pieces, verdict });
}

/** The two answers of a request, in the order in which the judge sees them. */
function askedIn(request: Received): [string, string] {
  const text = messagesOf(request)[0]?.content ?? '';
  const [, first = '', second = ''] = /First answer:\s+(.*?)\s+Second answer:\s+(.*)$/s.exec(text) ?? [];
  return [first.trim(), second.trim()];
}

/** Calls answers the same if one of them is spelled in words. */
function respond(request: Received): Scripted {
  const same = askedIn(request).some((answer) => answer.includes('thousand'));
  return { content: JSON.stringify({ reason: same ? 'Both are one number.' : 'Other numbers.', same }) };
}

async function begin(reply: (request: Received, index: number) => Scripted = respond): Promise<Dataset> {
  server = await startScriptedServer(reply);
  dataset = await datasetOf({});
  await dataset.appendChains(ROUND, [
    graded('same', 'incorrect', 'some thousand words'),
    graded('again', 'incorrect', 'some thousand words'),
    graded('other', 'incorrect', '17'),
    graded('open', 'unknown', '18'),
    graded('right', 'correct', GOLD),
  ]);
  await dataset.refresh();
  await dataset.saveSettings({ judge: judgeAt(server.baseURL) });
  return dataset;
}

const outcomeOf = async (made: Dataset, id: string): Promise<Verdict> => {
  await made.refresh();
  return (await made.chain(id)).verdict;
};

describe('the judge of answers', () => {
  it('plans without a call, and never asks about a correct answer', async () => {
    const { folder } = await begin();
    const { plan, summary } = await run('judge-answers', { dataset: folder, plan: true });
    expect(summary).toBeUndefined();
    expect(plan).toMatchObject({ answers: 4, different: 3, requests: 3, reused: 0 });
    expect(server?.received).toEqual([]);
  });

  it('does not see which answer is gold, nor the solution', async () => {
    const made = await begin();
    await made.appendChains(
      ROUND,
      Array.from({ length: 12 }, (_, i) => graded(`n${i}`, 'incorrect', String(100 + i))),
    );
    await made.refresh();
    await run('judge-answers', { dataset: made.folder });
    const asked = (server?.received ?? []).map(askedIn);
    expect(asked).toHaveLength(15);
    expect(asked.every((pair) => pair.includes(GOLD))).toBe(true);
    const goldFirst = asked.filter(([first]) => first === GOLD).length;
    expect(goldFirst).toBeGreaterThan(2);
    expect(goldFirst).toBeLessThan(13);
    expect(JSON.stringify(server?.received)).not.toContain(SOLUTION);
  });

  it('lists what it overrules with both reasons, and changes nothing without --apply', async () => {
    const made = await begin();
    const { summary, regraded } = await run('judge-answers', { dataset: made.folder });
    const { overrulings = [] } = summary ?? {};
    const listed = overrulings.map(({ chainId, graded: before, outcome }) => [chainId, before, outcome]);
    expect(listed).toEqual([
      ['same', 'incorrect', 'correct'],
      ['again', 'incorrect', 'correct'],
      ['open', 'unknown', 'incorrect'],
    ]);
    expect(overrulings[0]).toMatchObject({ gradedReason: WRONG, reason: 'Both are one number.', gold: GOLD });
    expect(regraded).toMatchObject({ applied: false, chains: 3 });
    expect((await outcomeOf(made, 'same')).outcome).toBe('incorrect');
  });

  it('does not let the starter model decide, and sends it nothing', async () => {
    const { folder } = await begin();
    const model = { kind: 'starter' as const, model: DEFAULT_STARTER };
    const applied = run('judge-answers', { dataset: folder, model, apply: true });
    await expect(applied).rejects.toThrow('The starter model can’t decide answers');
  });

  it('writes who decided, and pays for no call again', async () => {
    const made = await begin();
    await run('judge-answers', { dataset: made.folder });
    const { summary } = await run('judge-answers', { dataset: made.folder, apply: true });
    expect(summary).toMatchObject({ calls: 0, reused: 3 });
    expect(server?.received).toHaveLength(3);
    const verdict = await outcomeOf(made, 'same');
    expect(verdict).toMatchObject({ outcome: 'correct', method: 'judge', extracted: 'some thousand words' });
    expect(verdict.judge).toMatchObject({
      model: 'scripted',
      reason: 'Both are one number.',
      graded: { outcome: 'incorrect', method: 'text', detail: WRONG },
    });
    expect(verdict.detail).toBe(`scripted decided: Both are one number. Grading was incorrect. ${WRONG}`);
    expect(await outcomeOf(made, 'other')).toMatchObject({ outcome: 'incorrect', method: 'text' });
    expect((await made.chain('same')).pieces[0]?.verdict?.judge).toBeDefined();
    expect((await outcomeOf(made, 'right')).judge).toBeUndefined();
    const { plan } = await run('judge-answers', { dataset: made.folder, plan: true });
    expect(plan).toMatchObject({ answers: 1, requests: 0 });
  });

  it('never overrules a reviewer, who decides before or after it', async () => {
    const made = await begin();
    const override = (id: string, outcome: 'incorrect' | 'unknown', reason: string) =>
      act('r1', id, { act: 'override', outcome, reason });
    await made.appendReview(override('same', 'incorrect', 'It names another number.'));
    await run('judge-answers', { dataset: made.folder, apply: true });
    // The line of the chain has the word of the judge, and the reviewer's is over it.
    expect(await outcomeOf(made, 'same')).toMatchObject({ outcome: 'correct', method: 'judge' });
    expect(made.index.override('same')).toBe('incorrect');
    const exported = async (): Promise<string[]> => {
      const { folder } = await run('export', { dataset: made.folder, select: 'passed' });
      const rows = (await readFile(join(folder, 'train.messages.jsonl'), 'utf8')).trim().split('\n');
      return rows.map((row) => (JSON.parse(row) as { id: string }).id).sort();
    };
    const passed = made.index.chains().flatMap(({ id, passed: has }) => (has ? [id] : []));
    expect(passed).toEqual(expect.arrayContaining(['same', 'again']));
    expect(await exported()).toEqual(passed.filter((id) => id !== 'same').sort());
    await made.appendReview(override('again', 'unknown', 'The question is ambiguous.'));
    await made.refresh();
    expect(await exported()).toEqual(passed.filter((id) => id !== 'same' && id !== 'again').sort());
    const found = queryChains(made.index, parseQuery('overruled = incorrect'), { as: 'r1' });
    expect(found.map(({ id }) => id)).toEqual(['same']);
  });

  it('is not taken over by a later regrade', async () => {
    const made = await begin();
    await run('judge-answers', { dataset: made.folder, apply: true });
    await run('regrade', { dataset: made.folder, apply: true });
    expect(await outcomeOf(made, 'same')).toMatchObject({ outcome: 'incorrect' });
    expect((await outcomeOf(made, 'same')).judge).toBeUndefined();
  });

  it('resumes from a journal with a broken last line, and pays only for the rest', async () => {
    const made = await begin();
    await run('judge-answers', { dataset: made.folder, limit: 1 });
    await appendFile(join(made.folder, 'judge', 'answers.jsonl'), '{"key": "trunca');
    const { summary } = await run('judge-answers', { dataset: made.folder });
    expect(summary).toMatchObject({ calls: 2, reused: 1, judged: 3 });
    expect((await readFile(join(made.folder, 'judge', 'answers.jsonl'), 'utf8')).split('\n').length).toBeGreaterThan(3);
  });

  it('names answers without a usable reply, after three tries, and overrules nothing', async () => {
    const made = await begin(() => ({ content: 'They look alike to me.' }));
    const { summary, regraded } = await run('judge-answers', { dataset: made.folder, apply: true, limit: 1 });
    expect(summary).toMatchObject({ judged: 0, failures: 1, calls: 3, overrulings: [] });
    expect(summary?.failed[0]?.reason).toContain('no JSON object');
    expect(regraded).toBeUndefined();
  });
});
