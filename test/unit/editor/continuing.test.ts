import { afterAll, expect, test, vi } from 'vitest';
import type { Continuation, ContinueEvent, ContinueResult } from '../../../src/protocol/continuation.ts';
import type { ToReader } from '../../../src/protocol/review.ts';
import { l10n } from './l10n.ts';

const dialog = vi.hoisted(() => ({
  questions: [] as string[],
  details: [] as string[],
  /** The title of the button that is pressed; undefined closes the question. */
  answer: undefined as string | undefined,
  prompts: [] as string[],
}));
/** It is closed as soon as it is shown. */
const inputBox = vi.hoisted(() => () => {
  const none = () => ({ dispose: () => undefined });
  let hidden = (): void => undefined;
  const events = { onDidChangeValue: none, onDidAccept: none, onDidTriggerButton: none };
  return {
    ...{ ...events, prompt: '', dispose: () => undefined },
    onDidHide: (listener: () => void) => {
      hidden = listener;
      return none();
    },
    show() {
      dialog.prompts.push(this.prompt);
      hidden();
    },
  };
});
vi.mock('vscode', () => ({
  ...{ l10n, env: { language: 'en' }, CancellationError: class extends Error {} },
  QuickInputButtons: { Back: {} },
  window: {
    createInputBox: inputBox,
    showInformationMessage: async (
      text: string,
      { detail = '' }: { detail?: string },
      ...items: { title: string }[]
    ) => {
      dialog.questions.push(text);
      dialog.details.push(detail);
      return items.find(({ title }) => title === dialog.answer);
    },
  },
}));
// Files of a worker share modules. Those that this test imports have its dialog, and no other test may get them.
vi.resetModules();
afterAll(() => void vi.resetModules());
const { ChainContinuing } = await import('../../../src/editor/review/continuing.ts');
type Run = import('../../../src/editor/review/continuing.ts').RunContinue;

const MODEL = { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'scripted' } as const;
const PLACE = { chain: '1-wrong/p/0', at: 20, reviewer: 'ada' };

const continuation = (index: number): Continuation => ({
  ...{ index, key: `k${index}`, text: ' 15.', ended: 'answered', tokens: 3 },
  verdict: { outcome: 'correct', method: 'none' },
});

/** The verb `continue` of a model that the test lets end one continuation after another. */
class Verb {
  readonly paid = new Set<number>();
  readonly runs: string[] = [];
  /** Runs that have the round now. */
  #open = 0;
  #onEvent: (event: ContinueEvent) => void = () => undefined;
  #end: () => void = () => undefined;

  readonly run: Run = async (request, { signal, onEvent } = {}) => {
    const chosen = request.keep ?? request.write;
    const indexes = chosen === undefined ? [...Array(request.samples).keys()] : [chosen];
    const requests = indexes.filter((index) => !this.paid.has(index)).length;
    const plan = {
      ...{ chain: request.chain, model: MODEL, kept: request.at, reused: indexes.length - requests, maxTokens: 64 },
      ...{ requests, promptTokens: 10, completionTokens: 10, completionTokensMax: 640, cost: 0.5, costMax: 2 },
    } as unknown as ContinueResult['plan'];
    const result: ContinueResult = { plan, continuations: [], written: request.write !== undefined, calls: requests };
    if (request.plan) return result;
    if (this.#open > 0) throw new Error('another run has the round');
    this.#open++;
    this.runs.push(chosen === undefined ? 'all' : `${request.keep === undefined ? 'write' : 'keep'} ${chosen}`);
    try {
      if (requests > 0) await this.#write(signal, onEvent);
      return request.keep === undefined ? result : { ...result, kept: 'new' };
    } finally {
      this.#open--;
    }
  };

  #write(signal?: AbortSignal, onEvent: (event: ContinueEvent) => void = () => undefined): Promise<void> {
    this.#onEvent = onEvent;
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      signal?.addEventListener('abort', () => reject(new Error('cancelled')));
    });
  }

  finish(index: number): void {
    this.paid.add(index);
    this.#onEvent({ type: 'done', continuation: continuation(index) });
  }

  end(): void {
    this.#end();
  }
}

function setUp(answer: string | undefined) {
  Object.assign(dialog, { questions: [], details: [], prompts: [], answer });
  const verb = new Verb();
  const posted: ToReader[] = [];
  const announced: string[] = [];
  const continuing = new ChainContinuing(verb.run, {
    post: (message) => posted.push(message),
    announce: (text) => announced.push(text),
    isCancel: () => false,
  });
  return { verb, posted, announced, continuing, types: () => posted.map(({ type }) => type) };
}

/** The reader of a later session. */
const reopened = (verb: Verb) =>
  new ChainContinuing(verb.run, { post: () => undefined, announce: () => undefined, isCancel: () => false });

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('nothing is requested where the question is not confirmed', async () => {
  const { verb, continuing, types } = setUp(undefined);
  await continuing.start(PLACE);
  expect(dialog.questions).toEqual(['Request 8 continuations from scripted?']);
  expect(dialog.details).toEqual([expect.stringMatching(/^Cost: .*0\.50, at most .*2\.00/m)]);
  expect([verb.runs, types()]).toEqual([[], []]);
});

test('after the confirmation, continuations are requested once, and what is paid is shown again without a question', async () => {
  const { verb, continuing, types } = setUp('Continue');
  const started = continuing.start(PLACE);
  await settled();
  expect(verb.runs).toEqual(['all']);
  for (const index of Array(8).keys()) verb.finish(index);
  verb.end();
  await started;
  expect(types()).toEqual(['continuing', ...Array(8).fill('continued'), 'continuingEnded']);
  await reopened(verb).start(PLACE);
  expect([dialog.questions.length, verb.runs]).toEqual([1, ['all', 'all']]);
});

test('at a place whose continuations are shown and paid, another number can be chosen', async () => {
  const { verb, continuing } = setUp('Another Number…');
  for (const index of Array(8).keys()) verb.paid.add(index);
  await continuing.start(PLACE);
  expect([dialog.questions, dialog.prompts, verb.runs]).toEqual([[], [], ['all']]);
  await continuing.start(PLACE);
  expect([dialog.questions, dialog.prompts, verb.runs]).toEqual([
    ['8 continuations of this place are paid already.'],
    ['Continuations at this place'],
    ['all'],
  ]);
});

test('at such a place, Show shows them again without a request', async () => {
  const { verb, continuing } = setUp('Show');
  for (const index of Array(8).keys()) verb.paid.add(index);
  await continuing.start(PLACE);
  await continuing.start(PLACE);
  expect([dialog.questions.length, verb.runs]).toEqual([1, ['all', 'all']]);
});

test('Stop ends the open requests, and a finished continuation can then be kept', async () => {
  const { verb, continuing, announced, types } = setUp('Continue');
  const started = continuing.start(PLACE);
  await settled();
  verb.finish(2);
  continuing.stop();
  await started;
  await continuing.take('keep', 2);
  expect(verb.runs).toEqual(['all', 'keep 2']);
  expect(announced).toEqual(['Kept as the new chain new.']);
  expect(types()).toEqual(['continuing', 'continued']);
  await expect(continuing.take('keep', 3)).rejects.toThrow('Nothing was written');
});

test('while others are written, a finished one is kept and another written into the chain after them, once each', async () => {
  const { verb, continuing, announced } = setUp('Continue');
  const started = continuing.start(PLACE);
  await settled();
  verb.finish(2);
  verb.finish(5);
  const taken = [continuing.take('keep', 2), continuing.take('keep', 2), continuing.take('write', 5)];
  await settled();
  expect(verb.runs).toEqual(['all']);
  expect(announced).toEqual(Array(2).fill('Waits until the other continuations have ended. Stop ends them now.'));
  expect(continuing.isRunning).toBe(true);
  verb.end();
  await Promise.all([started, ...taken]);
  expect(verb.runs).toEqual(['all', 'keep 2', 'write 5']);
  expect(continuing.isRunning).toBe(false);
});
