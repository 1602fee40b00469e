import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { JournalLine } from '../../../src/core/schemas/index.ts';
import type { VerbArgs, VerbResult } from '../../../src/verbs/index.ts';
import { datasetFor, linesOf, serve } from '../../fixtures/scripted-dataset.ts';
import type { Scripted, ScriptedServer } from '../../fixtures/server.ts';
import { type Heard, open, run } from '../../unit/verbs/run.ts';

/** A SCRIPTED server: the first answer is wrong, the check finds the error, the second answer and the summary are right. */
function reply(body: Record<string, unknown>): Scripted {
  const asked = (body.messages as { content: string }[]).at(-1)?.content ?? '';
  if (asked.includes('Check whether')) return { content: 'Adding once more gives 15, not 14.\nVerdict: wrong' };
  if (asked.includes('work on it so far')) return { content: 'Taking eight from fifteen leaves seven. \\boxed{15}' };
  if (asked.includes('not the most obvious')) return { content: 'Seven and three is ten, and five more: \\boxed{15}.' };
  return {
    content: 'First I need to add the two numbers, so \\boxed{14}.',
    reasoning: { field: 'reasoning', text: 'Seven and eight make something near fifteen.' },
  };
}

describe('longhand try', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  let folder: string;
  let respond: (body: Record<string, unknown>) => Scripted;

  beforeEach(async () => {
    respond = reply;
    server = await serve(({ body }) => respond(body));
    folder = await datasetFor(server, [{ id: 'p', problem: 'What is 7 + 8?', answer: '15' }]);
  });

  const tryOne = (args: Partial<VerbArgs<'try'>> = {}, heard?: Heard): Promise<VerbResult<'try'>> =>
    run('try', { dataset: folder, problem: 'p', role: 'base', ...args }, heard ? { heard } : {});
  const journal = () => linesOf(join(folder, 'workbench', 'journal.jsonl'), JournalLine);
  const prompt = (name: string): string => join(folder, 'prompts', 'full', `${name}.md`);
  const edit = async (name: string): Promise<void> => {
    const text = await readFile(prompt(name), 'utf8');
    await writeFile(prompt(name), text.replace('## user\n', '## user\n\nBe brief.\n'));
  };

  test('shows each call, grades it, and makes the chain of a round', async () => {
    const heard: Heard = { progress: [], log: [] };
    const result = await tryOne({}, heard);
    expect(result.pieces.map(({ piece }) => piece)).toEqual(['answer[1]', 'check[1]', 'answer[2]', 'summary']);
    const [first, checked, , summary] = result.pieces;
    expect(first?.verdict).toMatchObject({ outcome: 'incorrect', extracted: '14' });
    expect(first?.reply.reasoning).toBe('Seven and eight make something near fifteen.');
    expect(checked?.check).toEqual({ says: 'wrong', agrees: true });
    expect(checked?.messages.at(-1)?.content).toContain('so \\boxed{14}');
    expect(summary?.verdict?.outcome).toBe('correct');
    expect(result.end).toMatchObject({ class: 'FT', chain: { passed: true }, notes: [] });
    expect(result.end?.chain?.segments.map(({ train }) => train)).toEqual([false, true, true, true]);
    const events = heard.progress.flatMap(({ tried }) => (tried ? [tried] : []));
    for (const { piece } of result.pieces) {
      const of = events.filter((event) => (event.type === 'done' ? event.tried.piece : event.piece) === piece);
      expect(of.map(({ type }) => type)).toEqual(['asking', ...Array(of.length - 2).fill('part'), 'done']);
      const streamed = of.map((event) => (event.type === 'part' ? event.text : '')).join('');
      expect(streamed).toBe(result.pieces.find((one) => one.piece === piece)?.reply.text);
    }
    expect(heard.log.filter((line) => line.startsWith('check[1]: verdict wrong'))).toHaveLength(1);
  });

  test('adds nothing to any round: only the workbench folder is new', async () => {
    const before = await readdir(folder);
    await tryOne();
    expect((await readdir(folder)).filter((name) => !before.includes(name) && name !== '.cache')).toEqual([
      'workbench',
    ]);
    const dataset = await open(folder);
    expect(dataset.index.chains()).toEqual([]);
    expect(dataset.index.passRate('p')).toBeUndefined();
    await dataset.close();
  });

  test('pays for no call twice, and repeats only calls that an edited prompt changes', async () => {
    const before = await tryOne();
    expect(await tryOne()).toMatchObject({ calls: 0, reused: 4, end: before.end });
    expect(server.received).toHaveLength(4);
    await edit('check');
    const after = await tryOne();
    // The check, and the summary that depends on it; the answers are unchanged.
    expect(after).toMatchObject({ calls: 2, reused: 2 });
    const hashes = (result: VerbResult<'try'>): string[] => result.pieces.map(({ promptHash }) => promptHash);
    expect(hashes(after).map((hash, i) => hash !== hashes(before)[i])).toEqual([false, true, false, false]);
    expect(after.promptsHash).not.toBe(before.promptsHash);
    const lines = await journal();
    expect(lines.map(({ piece }) => piece)).toEqual([
      ...['answer[1]', 'check[1]', 'answer[2]', 'summary'],
      ...['check[1]', 'summary'],
    ]);
    expect(lines[4]?.promptHash).toBe(after.pieces[1]?.promptHash);
  });

  test('counts the hint as an input of a piece whose prompt contains the answer', async () => {
    const dataset = await open(folder);
    await dataset.saveSettings({ dialogue: { ...dataset.settings.dialogue, mode: 'hinted' } });
    await dataset.close();
    const before = await tryOne();
    await writeFile(prompt('hint'), 'It is {{gold}}, but do not say so.');
    const after = await tryOne();
    const changed = after.pieces.map(({ promptHash }, i) => promptHash !== before.pieces[i]?.promptHash);
    expect(changed).toEqual([false, true, true, true]);
    expect(after).toMatchObject({ calls: 3, reused: 1 });
  });

  test('keeps an earlier piece after a change of its prompt', async () => {
    const before = await tryOne({ until: 'answer[1]' });
    await edit('answer-1');
    const [first] = before.pieces;
    const after = await tryOne({ kept: { 'answer[1]': first?.key ?? '' }, until: 'check[1]' });
    expect(after.pieces[0]).toEqual({ ...first, reused: true });
    expect(after.pieces[1]?.parents).toEqual([first?.key]);
    expect(after).toMatchObject({ calls: 1, end: null });
    await expect(tryOne({ kept: { 'check[1]': first?.key ?? '' } })).rejects.toThrow('no call');
  });

  test('calls the fine-tuned model when it is selected, and fails when there is none', async () => {
    await expect(tryOne({ role: 'fine-tuned' })).rejects.toThrow('no fine-tuned model');
    const model = { kind: 'openai' as const, baseURL: server.baseURL, model: 'tuned' };
    await run('model', { dataset: folder, model, role: 'fine-tuned' });
    expect(await tryOne({ role: 'fine-tuned', until: 'answer[1]' })).toMatchObject({ model: 'tuned', calls: 1 });
    expect(server.received[0]?.body.model).toBe('tuned');
  });

  test('uses another seed for another candidate', async () => {
    const one = await tryOne({ until: 'answer[1]' });
    const two = await tryOne({ until: 'answer[1]', takes: { 'answer[1]': 1 } });
    expect(two.pieces[0]).toMatchObject({ take: 1, reused: false });
    expect(two.pieces[0]?.seed).not.toBe(one.pieces[0]?.seed);
    expect(server.received.map(({ body }) => body.seed)).toEqual([one.pieces[0]?.seed, two.pieces[0]?.seed]);
  });

  test('reports that no chain is made when both answers are wrong, and describes a check without a verdict line', async () => {
    respond = (body) => {
      const { content = '' } = reply(body);
      return { content: content.replace('15', '16').replace(/\nVerdict.*/, '') };
    };
    const { end, pieces } = await tryOne();
    expect(end).toMatchObject({ class: 'FF', chain: null });
    expect(end?.notes.join()).toContain('The first and last answers are wrong');
    expect(pieces[1]?.check).toEqual({ says: null, agrees: null });
  });

  test('stops at a call that the server refuses, with its reason, and keeps paid calls', async () => {
    respond = (body) => {
      const script = reply(body);
      return script.content?.includes('Verdict') ? { status: 400, error: 'too long for me' } : script;
    };
    const { refused, pieces, end } = await tryOne();
    expect(refused?.piece).toBe('check[1]');
    expect(refused?.reason).toContain('too long for me');
    expect(pieces).toHaveLength(1);
    expect(end).toBeNull();
    expect(await journal()).toHaveLength(1);
  });

  test('names the prompt file that cannot be used before it pays for anything', async () => {
    await writeFile(prompt('check'), 'no sections here');
    await expect(tryOne()).rejects.toThrow('check.md');
    expect(server.received).toHaveLength(0);
  });

  test('refuses to run beside another workbench of the same dataset', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      respond = (body) => {
        resolve();
        return { ...reply(body), latencyMs: 200 };
      };
    });
    const first = tryOne({ until: 'answer[1]' }).finally(release);
    await arrived;
    await expect(tryOne()).rejects.toThrow('workbench is being run');
    await first;
    await held;
    expect(await tryOne({ until: 'answer[1]' })).toMatchObject({ reused: 1 });
  });
});
