import { describe, expect, it } from 'vitest';
import type { Chain, Problem, Verdict } from '../../../src/core/schemas/index.ts';
import { DialogueSettings, FilterSettings } from '../../../src/core/schemas/index.ts';
import type { AskFor } from '../../../src/runner/calls/asker.ts';
import { type FlowContext, runProblem } from '../../../src/runner/dialogue/problem-flow.ts';

const problem: Problem = { id: 'p', problem: 'What is 7 + 8?', answer: '15' };

/** An asker that sends one request for each candidate. */
function singly(ask: FlowContext['asker']['ask']): FlowContext['asker'] {
  return { ask, askSeveral: (what, count) => Array.from({ length: count }, (_, index) => ask({ ...what, index })) };
}

/** A scripted model: `write` returns its answer to each call. */
function scripted(write: (what: AskFor) => string, settings: Partial<DialogueSettings> = {}) {
  const asked: AskFor[] = [];
  const chains: Chain[] = [];
  const context: FlowContext = {
    round: '1-test',
    model: 'scripted',
    settings: DialogueSettings.parse({ tries: { answer1: 3, answer2: 2, check: 2, summary: 2 }, ...settings }),
    filters: FilterSettings.parse({}),
    connectives: {},
    asker: singly(async (what) => {
      asked.push(what);
      const text = write(what);
      const key = `${what.piece}#${what.index}<${what.parents.join(',')}`;
      const messages = [...(what.history ?? []), { role: 'user' as const, content: what.piece }];
      const usage = { prompt: 10, completion: 5, estimated: false };
      return { key, index: what.index, messages, text, reply: { text, finish: 'stop', usage, ms: 1 } };
    }),
    grade: async (_problem, _piece, reply): Promise<Verdict> => {
      const extracted = /\\boxed\{(\d+)\}/.exec(reply.text)?.[1];
      const outcome = extracted === '15' ? 'correct' : 'incorrect';
      return { outcome, method: 'number', ...(extracted ? { extracted } : {}) };
    },
    emit: async (chain) => {
      chains.push(chain);
    },
  };
  return { asked, chains, context };
}

const wrongThenRight = (what: AskFor): string => {
  if (what.piece === 'answer[1]') return 'First I need to add seven and eight, that makes \\boxed{14}.';
  if (what.piece === 'check[1]') return 'Twice seven is fourteen, and eight is more than seven.\nVerdict: wrong';
  if (what.piece === 'answer[2]') return 'Seven and three is ten, and five more makes \\boxed{15}.';
  return 'Taking eight from fifteen leaves seven, as given: \\boxed{15}.';
};

describe('runProblem', () => {
  it('makes FT chains that pass, at most the number to keep', async () => {
    const { asked, chains, context } = scripted(wrongThenRight);
    const result = await runProblem(problem, context);
    expect(result.pairs.map((pair) => pair.class)).toEqual(Array(6).fill('FT'));
    expect(chains).toHaveLength(3);
    expect(chains.every((chain) => chain.passed && chain.class === 'FT')).toBe(true);
    expect(new Set(chains.map((chain) => chain.id)).size).toBe(3);
    // The first try passes: no second check or summary is requested.
    expect(asked.filter((what) => what.piece === 'summary').every((what) => what.index === 0)).toBe(true);
  });

  it('stores the reasoning before a piece apart from the text of the chain', async () => {
    const { chains, context } = scripted(wrongThenRight);
    const { ask } = context.asker;
    context.asker = singly(async (what) => {
      const asked = await ask(what);
      return asked && { ...asked, reply: { ...asked.reply, reasoning: `thought of ${what.piece}` } };
    });
    await runProblem(problem, context);
    expect(chains[0]?.pieces.map(({ piece, reasoning }) => [piece, reasoning])).toEqual(
      ['answer[1]', 'check[1]', 'answer[2]', 'summary'].map((piece) => [piece, `thought of ${piece}`]),
    );
    expect(chains[0]?.text).not.toContain('thought of');
  });

  it('sends no further request when every answer is wrong', async () => {
    const { asked, chains, context } = scripted((what) =>
      what.piece.startsWith('answer') ? 'I believe that it is \\boxed{3}.' : 'never asked',
    );
    const result = await runProblem(problem, context);
    expect(result.pairs.every((pair) => pair.class === 'FF')).toBe(true);
    expect(chains).toEqual([]);
    expect(asked.map((what) => what.piece).sort()).toEqual([
      'answer[1]',
      'answer[1]',
      'answer[1]',
      'answer[2]',
      'answer[2]',
    ]);
  });

  it('retries a check that disagrees with grading, and stores a failed chain with the reason', async () => {
    const { asked, chains, context } = scripted((what) =>
      what.piece === 'check[1]' ? 'Everything about it looks fine to me.\nVerdict: correct' : wrongThenRight(what),
    );
    await runProblem(problem, context);
    expect(asked.filter((what) => what.piece === 'check[1]').map((what) => what.index)).toContain(1);
    expect(chains.length).toBeGreaterThan(0);
    for (const chain of chains) {
      expect(chain.passed).toBe(false);
      expect(chain.filters.filter((filter) => !filter.passed).map((filter) => filter.id)).toEqual([
        'verdict-consistent',
      ]);
    }
  });

  it('sends the earlier pieces with each request in dialogue mode only', async () => {
    const separate = scripted(wrongThenRight);
    await runProblem(problem, separate.context);
    expect(separate.asked.every((what) => what.history === undefined)).toBe(true);

    const dialogue = scripted(wrongThenRight, { asking: 'dialogue' });
    await runProblem(problem, dialogue.context);
    const historyOf = (piece: string): string[] | undefined =>
      dialogue.asked.find((what) => what.piece === piece)?.history?.map((message) => message.role);
    expect(historyOf('answer[1]')).toBeUndefined();
    expect(historyOf('check[1]')).toEqual(['user', 'assistant']);
    expect(historyOf('answer[2]')).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(historyOf('summary')).toEqual(['user', 'assistant', 'user', 'assistant', 'user', 'assistant']);
    expect(dialogue.chains.map((chain) => chain.class)).toEqual(['FT', 'FT', 'FT']);
  });

  it('requests all turns of a longer chain, and the middle ones only while a pair of answers is left', async () => {
    const { asked, chains, context } = scripted(
      (what) => {
        if (what.piece === 'answer[2]') return 'I count on my fingers, which gives \\boxed{16}.';
        if (what.piece === 'check[2]')
          return 'Sixteen less eight is eight, and it is seven that was given.\nVerdict: wrong';
        return wrongThenRight(what.piece === 'answer[3]' ? { ...what, piece: 'answer[2]' } : what);
      },
      { turns: 3 },
    );
    const result = await runProblem(problem, context);
    expect(result.pairs.map((pair) => pair.class)).toEqual(Array(6).fill('FT'));
    expect(chains).toHaveLength(3);
    for (const chain of chains) {
      expect(chain.passed).toBe(true);
      expect(chain.class).toBe('FT');
      const names = ['answer[1]', 'check[1]', 'answer[2]', 'check[2]', 'answer[3]', 'summary'];
      expect(chain.pieces.map(({ piece }) => piece)).toEqual(names);
      expect(chain.segments.map(({ piece }) => piece)).toEqual(names);
      expect(chain.id).toMatch(/^1-test\/p\/\d-\d-\d$/);
    }
    const summary = asked.find(({ piece }) => piece === 'summary');
    expect(summary?.values.pieces).toMatch(
      /First solution:[\s\S]*Check of the first[\s\S]*Second solution:[\s\S]*Check of the second[\s\S]*Third solution:/,
    );
    expect(summary?.parents).toHaveLength(5);
    // A second run makes the same calls with the same text: a resume finds all of them in the journal.
    const before = asked.splice(0).map((what) => JSON.stringify(what));
    await runProblem(problem, context);
    expect(new Set(asked.map((what) => JSON.stringify(what)))).toEqual(new Set(before));

    const hopeless = scripted(() => 'I believe that it is \\boxed{3}.', { turns: 4 });
    await runProblem(problem, hopeless.context);
    expect(new Set(hopeless.asked.map(({ piece }) => piece))).toEqual(new Set(['answer[1]', 'answer[4]']));
  });

  it('sends every earlier piece of a long dialogue with each request', async () => {
    const { asked, chains, context } = scripted(
      (what) =>
        what.piece.startsWith('check') && what.piece !== 'check[1]'
          ? 'Fifteen less eight is seven.\nVerdict: correct'
          : wrongThenRight({
              ...what,
              piece: what.piece.startsWith('answer') && what.piece !== 'answer[1]' ? 'answer[2]' : what.piece,
            }),
      { asking: 'dialogue', turns: 4 },
    );
    await runProblem(problem, context);
    expect(chains).toHaveLength(3);
    expect(chains.every(({ pieces }) => pieces.length === 8)).toBe(true);
    const seen = new Map(asked.map(({ piece, history }) => [piece, history?.length ?? 0]));
    const order = [
      'answer[1]',
      'check[1]',
      'answer[2]',
      'check[2]',
      'answer[3]',
      'check[3]',
      'answer[4]',
      'summary',
    ] as const;
    expect(order.map((piece) => seen.get(piece))).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
  });

  it('sends the trusted answer in hinted mode with all pieces but the first answer, and marks the chains', async () => {
    const { asked, chains, context } = scripted(wrongThenRight, { mode: 'hinted' });
    await runProblem(problem, context);
    for (const { piece, gold } of asked) expect(gold).toBe(piece === 'answer[1]' ? undefined : '15');
    expect(chains.length).toBeGreaterThan(0);
    expect(chains.every(({ hinted }) => hinted)).toBe(true);
  });

  it('never shows the gold answer to the model', async () => {
    const hidden: Problem = { ...problem, answer: 'GOLD-15' };
    const { asked, context } = scripted(wrongThenRight);
    await runProblem(hidden, context);
    expect(JSON.stringify(asked)).not.toContain('GOLD');
  });
});
