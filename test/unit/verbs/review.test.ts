import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldActs, splitSteps } from '../../../src/core/review/index.ts';
import { loadVerb, VERBS } from '../../../src/verbs/index.ts';
import { open, ROOT, run, temporaryFolder } from './run.ts';

async function sample(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(ROOT, 'media/sample'), folder, { recursive: true });
  return folder;
}

async function accepted(folder: string): Promise<number> {
  const dataset = await open(folder);
  const found = dataset.index.chains().filter(({ id }) => dataset.index.decision(id, 'Ada') === 'accepted').length;
  await dataset.close();
  return found;
}

describe('longhand review', () => {
  it('shows its plan, acts on the chains of a query, and undoes it by its id', async () => {
    const dataset = await sample();
    const args = { dataset, where: 'class = FT', reviewer: 'Ada', accept: true };
    const plan = await run('review', { ...args, plan: true });
    expect(plan.batch).toBeUndefined();
    expect(await accepted(dataset)).toBe(0);
    const done = await run('review', args);
    expect(done.description).toBe(plan.description);
    expect(await accepted(dataset)).toBe(done.changed);
    expect(done.changed).toBeGreaterThan(0);
    const { print } = await loadVerb('review');
    expect(print(done)).toContain(`--undo ${done.batch} undoes all of it`);
    const undone = await run('review', { dataset, reviewer: 'Ada', undo: done.batch });
    expect(undone).toEqual({ changed: done.changed, kept: 0, incorrect: 0, undone: true });
    expect(await accepted(dataset)).toBe(0);
    const undo = (reviewer: string, id = done.batch) => run('review', { dataset, reviewer, undo: id });
    await expect(undo('Ada')).rejects.toThrow('is undone already');
    await expect(undo('Ben')).rejects.toThrow('No act of Ben has the ID');
    await expect(undo('Ada', 'none')).rejects.toThrow('No act of Ada has the ID none');
  });

  it('accepts with a reason, which an export has', async () => {
    const dataset = await sample();
    const args = { dataset, where: 'class = FT', reviewer: 'Ada', accept: true, reason: 'checked by hand' };
    const { changed } = await run('review', args);
    const { folder } = await run('export', { dataset, select: 'accepted' });
    const lines = (await readFile(join(folder, 'reviews.jsonl'), 'utf8')).trim().split('\n');
    const reasons = lines.map((line) => (JSON.parse(line) as { reason: string | null }).reason);
    expect(reasons).toEqual(Array.from({ length: changed }, () => 'checked by hand'));
    expect(() => VERBS.review.read?.({ reviewer: 'Ada', where: '', tag: 'x', reason: 'y' }, 'review')).toThrow(
      '--reason goes with --accept',
    );
  });

  it('writes nothing for chains that are so already, and refuses a bad text', async () => {
    const dataset = await sample();
    const args = { dataset, where: 'class = FT', reviewer: 'Ada', tag: 'to do' };
    const first = await run('review', args);
    expect(await run('review', args)).toMatchObject({ changed: 0, kept: first.changed });
    await expect(run('review', { ...args, tag: 'a,b' })).rejects.toThrow('--tag is not valid');
    await expect(run('review', { ...args, where: 'nothing = 1' })).rejects.toThrow('no field');
  });

  it('labels a step of one chain and marks its first wrong one, with an undo', async () => {
    const dataset = await sample();
    const stored = async () => {
      const opened = await open(dataset);
      const [{ id } = { id: '' }] = opened.index.chains();
      const [chain, acts] = [await opened.chain(id), await opened.reviewActs(id, 'Ada')];
      await opened.close();
      return { id, state: foldActs(chain, acts) };
    };
    const { id, state } = await stored();
    const steps = splitSteps(state.text, state.segments);
    const args = { dataset, where: `chain = "${id}"`, reviewer: 'Ada' };
    const wrong = await run('review', { ...args, firstWrongStep: '3' });
    expect(wrong).toMatchObject({
      changed: 1,
      description: `Mark step 3 of ${steps.length} as the first wrong one in ${id}.`,
    });
    expect((await stored()).state).toMatchObject({ firstWrongStep: steps[2] });
    await run('review', { ...args, step: '1=neutral' });
    expect((await stored()).state.steps?.map(({ label }) => label)).toEqual(['neutral', 'good', 'bad']);
    await run('review', { ...args, step: '1=none' });
    expect((await stored()).state.steps?.map(({ label }) => label)).toEqual(['good', 'bad']);
    await run('review', { ...args, firstWrongStep: 'none' });
    expect((await stored()).state.steps?.every(({ label }) => label === 'good')).toBe(true);
    const last = await run('review', { ...args, firstWrongStep: 'unset' });
    expect((await stored()).state.steps).toBeUndefined();
    await run('review', { dataset, reviewer: 'Ada', undo: last.batch });
    expect((await stored()).state.steps).toHaveLength(steps.length);
    await expect(run('review', { ...args, step: '400=bad' })).rejects.toThrow('none has the number 400');
    await expect(run('review', { ...args, where: '', step: '1=bad' })).rejects.toThrow(/matches \d+ chains/);
    const { error } = VERBS.review.args.safeParse({ ...args, step: '1=wrong' });
    expect(error?.issues[0]?.message).toContain('such as 4=neutral');
  });
});
