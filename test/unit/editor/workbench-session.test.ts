import { describe, expect, it } from 'vitest';
import { piecesOf, promptFileOf } from '../../../src/core/dialogue/index.ts';
import type { ModelRole, Problem } from '../../../src/core/schemas/index.ts';
import {
  type TryRequest,
  WorkbenchSession,
  type WorkbenchSource,
} from '../../../src/editor/dialogue/workbench/session.ts';
import { ToWorkbench, type TriedPiece, type TryEvent, type WorkbenchPiece } from '../../../src/protocol/workbench.ts';
import { promptHash } from '../../../src/runner/plan-round.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';

const PIECES = piecesOf(2);
const problems: Problem[] = ['a', 'b', 'c'].map((id) => ({ id, problem: `What is ${id}?`, answer: '1' }));

/** A SCRIPTED dataset: each run answers immediately, with a key made of its inputs. */
function bench() {
  const prompts: Record<string, string> = {
    'answer-1': '## user\nSolve {{problem}} {{behaviour:subgoal}}',
    check: '## user\nCheck {{answer}}',
    'answer-2': '## user\nAgain {{problem}}',
    summary: '## user\nSum up {{pieces}}',
    'behaviour-subgoal': 'State subgoals.',
  };
  const requests: TryRequest[] = [];
  const announced: string[] = [];
  const parts: string[] = [];
  const models: Partial<Record<ModelRole, string>> = { base: 'small' };
  let trusted = true;
  let during: (signal: AbortSignal) => Promise<void> = async () => undefined;
  const source: WorkbenchSource = {
    dataset: 'd',
    problemIds: () => problems.map(({ id }) => id),
    problem: async (id) => {
      const found = problems.find((problem) => problem.id === id);
      if (!found) throw new Error(`no problem ${id}`);
      return found;
    },
    now: async () => ({ pieces: PIECES, promptSet: 'full', mode: 'blind', prompts: { ...prompts }, models }),
    trusted: () => trusted,
    run: async (request, signal, tell) => {
      requests.push(request);
      return scripted(request, prompts, tell, () => during(signal));
    },
  };
  const session = new WorkbenchSession(
    source,
    { changed: () => undefined, part: (_, text) => parts.push(text), announce: (text) => announced.push(text) },
    () => 0.99,
  );
  const piece = async (name: string): Promise<WorkbenchPiece> => {
    const view = await session.view();
    const found = view.pieces.find((one) => one.piece === name);
    if (!found) throw new Error(`no piece ${name}`);
    return found;
  };
  return {
    session,
    requests,
    announced,
    parts,
    prompts,
    models,
    piece,
    distrust: () => {
      trusted = false;
    },
    meanwhile: (work: typeof during) => {
      during = work;
    },
  };
}

async function scripted(
  request: TryRequest,
  prompts: Record<string, string>,
  tell: (event: TryEvent) => void,
  during: () => Promise<void>,
): Promise<VerbResult<'try'>> {
  const pieces: TriedPiece[] = [];
  const keys: Record<string, string> = {};
  for (const piece of PIECES) {
    const kept = request.kept?.[piece];
    const prompt = promptFileOf(piece);
    const hash = promptHash(prompts, prompt, 'blind') ?? '';
    const parents = piece === 'check[1]' ? [keys['answer[1]'] ?? ''] : piece === 'summary' ? Object.values(keys) : [];
    const key = kept ?? `${piece} ${hash.slice(0, 4)} ${request.takes?.[piece] ?? 0} <${parents.join()}>`;
    keys[piece] = key;
    const messages = [{ role: 'user' as const, content: prompts[prompt] ?? '' }];
    if (kept === undefined) {
      tell({ type: 'asking', piece, seed: 1, messages });
      tell({ type: 'part', piece, text: 'half', reasoning: '' });
      await during();
    }
    const reply = { text: 'whole', finish: 'stop', usage: { prompt: 1, completion: 1, estimated: false }, ms: 1 };
    const how = { promptHash: kept === undefined ? hash : '', parents: kept === undefined ? parents : [] };
    const tried = {
      piece,
      prompt,
      take: request.takes?.[piece] ?? 0,
      seed: 1,
      key,
      messages,
      reply,
      text: 'whole',
      reused: false,
      ...how,
    };
    pieces.push(tried);
    tell({ type: 'done', tried });
    if (piece === request.until) break;
  }
  const end = pieces.length === 4 ? { class: 'TT' as const, chain: null, notes: [] } : null;
  const counts = { calls: pieces.length, reused: 0 };
  return {
    problem: request.problem,
    role: request.role,
    model: 'm',
    promptSet: 'full',
    promptsHash: '',
    pieces,
    end,
    ...counts,
  };
}

describe('the session of the workbench', () => {
  it('opens the first problem, and its view is a message that fits', async () => {
    const { session } = bench();
    await session.open();
    const view = await session.view();
    expect(view).toMatchObject({ position: 1, problems: 3, model: 'small', running: false, end: null });
    expect(ToWorkbench.parse({ type: 'snapshot', ...view })).toMatchObject({ problem: { id: 'a' } });
  });

  it('runs all pieces, from one on with the earlier kept, and one alone', async () => {
    const { session, requests, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    expect(requests[0]).toMatchObject({ problem: 'a', role: 'base' });
    expect(requests[0]?.kept).toEqual({});
    expect((await session.view()).end).toMatchObject({ class: 'TT' });
    const key = (await piece('answer[1]')).last?.key;
    await session.perform('runFrom', 'check[1]');
    expect(requests[1]?.kept).toEqual({ 'answer[1]': key });
    await session.perform('runOne', 'check[1]');
    expect(requests[2]).toMatchObject({ kept: { 'answer[1]': key }, until: 'check[1]' });
    // What was not run again is no whole chain.
    expect((await session.view()).end).toBeNull();
  });

  it('reports a changed prompt with its new hash, and the pieces that use an earlier run', async () => {
    const { session, prompts, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    const before = (await piece('check[1]')).promptHash;
    expect(await session.promptsChanged()).toBeUndefined();
    prompts.check += ' briefly';
    expect(await session.promptsChanged()).toMatch(/^check\.md changed: [0-9a-f]{8}$/);
    const edited = await piece('check[1]');
    expect(edited).toMatchObject({ changed: true, stale: false });
    expect(edited.promptHash).not.toBe(before);
    expect((await piece('answer[1]')).changed).toBe(false);
    await session.perform('runOne', 'check[1]');
    expect(await piece('check[1]')).toMatchObject({
      changed: false,
      last: { promptHash: edited.promptHash },
      before: { promptHash: before },
    });
    expect((await piece('summary')).stale).toBe(true);
    expect((await piece('answer[2]')).stale).toBe(false);
    await session.perform('runFrom', 'summary');
    expect((await piece('summary')).stale).toBe(false);
  });

  it('counts an edited fragment as a change of the prompts that take it in', async () => {
    const { session, prompts, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    prompts['behaviour-subgoal'] = '';
    expect((await piece('answer[1]')).changed).toBe(true);
    expect((await piece('answer[2]')).changed).toBe(false);
  });

  it('takes a seed that the piece has not had, and only for that piece', async () => {
    const { session, requests, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    await session.perform('otherSeed', 'answer[2]');
    await session.perform('otherSeed', 'answer[2]');
    expect(requests.map(({ takes }) => takes?.['answer[2]'])).toEqual([0, 1, 2]);
    expect(requests.every(({ takes }) => takes?.['answer[1]'] === 0)).toBe(true);
    expect(await piece('answer[2]')).toMatchObject({ last: { take: 2 }, before: { take: 1 } });
  });

  it('the same call once more is no run to compare with', async () => {
    const { session, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    await session.perform('runAll');
    expect((await piece('answer[1]')).before).toBeNull();
  });

  it('shows what is being answered, is stopped, and keeps what came', async () => {
    const { session, announced, parts, piece, meanwhile } = bench();
    await session.open('a');
    meanwhile(async (signal) => {
      if ((await piece('check[1]')).state !== 'asking') return;
      expect(await piece('check[1]')).toMatchObject({ asking: { text: 'half' } });
      expect((await piece('summary')).state).toBe('waiting');
      await session.perform('runAll');
      await session.open('b');
      expect(announced).toEqual(['A run is in progress. Stop it first.', 'A run is in progress. Stop it first.']);
      await session.perform('stop');
      signal.throwIfAborted();
    });
    await session.perform('runAll');
    expect(parts).toEqual(['half', 'half']);
    expect(announced.at(-1)).toBe('Stopped. Finished replies are kept.');
    expect(await session.view()).toMatchObject({ running: false, trouble: null, problem: { id: 'a' } });
    expect((await piece('answer[1]')).last?.text).toBe('whole');
    expect(await piece('check[1]')).toMatchObject({ state: 'idle', last: null });
  });

  it('reports an error with its advice, and can be run again', async () => {
    const { session, meanwhile } = bench();
    await session.open('a');
    meanwhile(async () => {
      throw Object.assign(new Error('The key was refused.'), { advice: 'Choose another one.' });
    });
    await session.perform('runAll');
    expect((await session.view()).trouble).toBe('The key was refused. Choose another one.');
    meanwhile(async () => undefined);
    await session.perform('runAll');
    expect((await session.view()).trouble).toBeNull();
  });

  it('runs nothing in a folder that is not trusted', async () => {
    const { session, requests, announced, distrust } = bench();
    distrust();
    await session.open('a');
    for (const action of ['runAll', 'runFrom', 'runOne', 'otherSeed'] as const)
      await session.perform(action, 'check[1]');
    expect(requests).toEqual([]);
    expect(announced).toHaveLength(4);
    expect((await session.view()).trusted).toBe(false);
  });

  it('goes to the next and to a random other problem, and keeps the runs of each', async () => {
    const { session, announced, piece } = bench();
    await session.open('a');
    await session.perform('runAll');
    await session.perform('nextProblem');
    expect(session.problemId).toBe('b');
    expect((await piece('answer[1]')).last).toBeNull();
    await session.perform('random');
    expect(session.problemId).toBe('c');
    await session.perform('nextProblem');
    expect(announced).toEqual(['This is the last problem.']);
    await session.open('a');
    expect((await piece('answer[1]')).last?.text).toBe('whole');
  });

  it('asks the other model only where one is chosen', async () => {
    const { session, announced, models, requests } = bench();
    await session.open('a');
    await session.perform('model');
    expect(announced[0]).toContain('No fine-tuned model');
    models['fine-tuned'] = 'tuned';
    await session.perform('model');
    expect(await session.view()).toMatchObject({ role: 'fine-tuned', model: 'tuned' });
    await session.perform('runAll');
    expect(requests[0]?.role).toBe('fine-tuned');
  });

  it('reports an empty dataset and a missing problem', async () => {
    const { session } = bench();
    await session.open('nowhere');
    expect((await session.view()).trouble).toBe('no problem nowhere');
  });
});
