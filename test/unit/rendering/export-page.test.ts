// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from 'vitest';
import type { ExportPlan } from '../../../src/protocol/export.ts';
import type { FromExportPage, ToExportPage } from '../../../src/protocol/export-page.ts';
import { ExportApp } from '../../../webview/export/app.ts';

const PLAN: ExportPlan = {
  train: { rows: 205, problems: 90 },
  atMost: false,
  tokens: { all: 12_000, trained: 9_000, masked: 3_000, estimated: true },
  classes: { FT: 100, TT: 105 },
  levels: { 1: 5, 2: 200 },
  lengths: [
    { from: 0, to: 64, rows: 5 },
    { from: 64, to: 128, rows: 200 },
  ],
  median: 80,
  longest: 120,
  warnings: [
    { id: 'wrong-answer', chains: 3, isLeftOut: false, query: 'decision = accepted and warning = wrong-answer' },
    { id: 'filtered-out', chains: 7, isLeftOut: true, query: 'decision = accepted and warning = filtered-out' },
  ],
  selected: 212,
  left: { warning: 7 },
  preview: [
    {
      ...{ id: 'c1', set: 'train', problem: 'What is <b>1</b>?', shortened: false },
      parts: [
        { text: 'a guess', train: false, part: 'content' },
        { text: 'the answer', train: true, part: 'content' },
      ],
    },
  ],
  choices: {
    ...{ accepted: 212, passed: 300, sources: { dialogue: 212, sampling: 0 }, views: ['Mine'], isExamined: false },
    rounds: { '0-a': 200, '1-b': 100 },
  },
};

let sent: FromExportPage[] = [];
let root: HTMLElement;
let show: (changes: Partial<ToExportPage>) => void;

beforeEach(() => {
  document.body.innerHTML = '';
  root = document.body.appendChild(document.createElement('div'));
  sent = [];
  new ExportApp(
    {
      post: (message) => sent.push(message),
      listen: (receive) => {
        show = (changes) =>
          receive({
            ...{ type: 'snapshot', dataset: 'd', named: null, choices: { select: 'accepted' }, report: PLAN },
            ...{ plan: 3, missed: false, planning: false, starting: false, ...changes },
          });
      },
    },
    root,
  );
});

const button = (text: string): HTMLButtonElement => {
  const found = [...root.querySelectorAll('button')].find((one) =>
    one.textContent?.replace(/\s+/g, ' ').includes(text),
  );
  if (found === undefined) throw new Error(`no button ${text}`);
  return found;
};

/** Sets a field as a person does. */
function fill(label: string, value: string): void {
  const field = [...root.querySelectorAll('label')].find((one) => one.querySelector('span')?.textContent === label);
  const input = field?.querySelector<HTMLInputElement | HTMLSelectElement>('input, select');
  if (!input) throw new Error(`no field ${label}`);
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

describe('the page of Export Training Set', () => {
  test('writes no plan that a change has outdated', () => {
    show({});
    fill('Folder in exports/', 'mine');
    expect(button('Write').disabled).toBe(true);
    button('Write').click();
    expect(sent.at(-1)).toMatchObject({ type: 'change', choices: { name: 'mine' } });
    show({ choices: { select: 'accepted', name: 'mine' } });
    button('Write').click();
    expect(sent.at(-1)).toEqual({ type: 'write', plan: 3 });
  });

  test('shows that the plan changed in the moment of a press', () => {
    show({});
    fill('Folder in exports/', 'mine');
    // Ctrl+Enter in a field that was changed.
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }));
    expect(sent.at(-1)).toEqual({ type: 'write', plan: 3 });
    show({ plan: 4, missed: true, planning: true });
    expect(root.querySelector('[role="alert"]')?.textContent).toContain('press Write again');
    show({ plan: 4, missed: true });
    expect(root.querySelector('[role="alert"]')?.textContent).toContain('press Write again');
    button('Write').click();
    expect(sent.at(-1)).toEqual({ type: 'write', plan: 4 });
    show({ plan: 4 });
    expect(root.querySelector('[role="alert"]')).toBeNull();
  });

  test('chooses the files of the rows, whose usual one depends on the form', () => {
    show({});
    fill('Format', 'both');
    expect(sent.at(-1)).toMatchObject({ type: 'change', choices: { files: 'both' } });
    fill('Format', 'jsonl');
    expect(sent.at(-1)).toEqual({ type: 'change', choices: { select: 'accepted', files: undefined } });
  });

  test('a warning leads to its chains, excludes them, and includes them again', () => {
    show({});
    button('Show Chains 3 with a wrong').click();
    expect(sent.at(-1)).toEqual({ type: 'chains', query: PLAN.warnings[0]?.query });
    button('Leave Out 3 with a wrong').click();
    expect(sent.at(-1)).toMatchObject({ type: 'change', choices: { leaveOut: ['wrong-answer'] } });
    show({ choices: { select: 'accepted', leaveOut: ['wrong-answer'] } });
    const isLeftOut = { ...PLAN, warnings: PLAN.warnings.map((one) => ({ ...one, isLeftOut: true })) };
    show({ report: isLeftOut });
    button('Include 3 with a wrong').click();
    const last = sent.at(-1);
    expect(last?.type === 'change' && last.choices.leaveOut).toBeUndefined();
  });

  test('rows are at most so many where not every chain may fit, and one is a row', () => {
    show({ report: { ...PLAN, train: { rows: 1, problems: 1 }, atMost: true } });
    expect(root.querySelector('.tile')?.textContent?.replace(/\s+/g, ' ')).toContain('1 row at most of 1 problem');
    expect(root.querySelector('.foot')?.textContent).toContain('Writes at most 1 row to exports/accepted.');
  });

  test('what prevents an export, or makes its rows useless, is shown with what to do', () => {
    const trouble = { message: 'No chain has labels.', advice: 'Label <b>steps</b>.' };
    show({ report: { ...PLAN, train: { rows: 0, problems: 0 }, trouble } });
    expect(root.querySelector('.outcome [role="alert"]')?.textContent).toBe('No chain has labels. Label <b>steps</b>.');
    expect(root.querySelector('.foot')?.textContent).toContain('Nothing can be written.');
    show({ report: { ...PLAN, trouble } });
    expect(root.querySelector('.outcome [role="alert"]')?.textContent).toContain('No chain has labels.');
    expect(button('Write').disabled).toBe(false);
    show({});
    expect(root.querySelector('.outcome [role="alert"]')).toBeNull();
  });

  test('steps are shown with their labels, and without the choices that they ignore', () => {
    const row = { id: 'c1', set: 'train' as const, problem: '2+2?', parts: [], shortened: false };
    const steps = [
      { text: 'Two <i>and</i> two.', label: '1' },
      { text: 'So 5.', label: '-1' },
    ];
    show({ choices: { select: 'accepted', form: 'prm800k' }, report: { ...PLAN, preview: [{ ...row, steps }] } });
    const shown = [...root.querySelectorAll('.preview li')].map((one) => one.textContent?.replace(/\s+/g, ' ').trim());
    expect(shown).toEqual(['1Two <i>and</i> two.', '-1So 5.']);
    expect(root.querySelector('.preview .legend')).toBeNull();
    const legends = () => [...root.querySelectorAll('.controls legend')].map((one) => one.textContent);
    expect(legends()).toEqual(['Form', 'Source', 'Rows', 'Validation', 'Files']);
    fill('Rows for', 'sft');
    expect(legends()).toEqual(expect.arrayContaining(['Chains', 'Reasoning']));
  });

  test('rows are shown as the chat template of the model renders them, or why they are not', () => {
    const parts = [
      { text: '<|user|>2+2?<|assistant|><think>', train: false, part: 'template' as const },
      { text: 'Two and two.', train: true, part: 'reasoning' as const },
      { text: '4', train: true, part: 'content' as const },
    ];
    const row = { id: 'c1', set: 'train' as const, problem: '2+2?', shortened: false };
    const report = { ...PLAN, preview: [{ ...row, parts }], template: { model: '/models/m' } };
    show({ report });
    const shown = [...root.querySelectorAll('.preview article .part')];
    expect(shown.map((one) => one.className.split(/\s+/).filter(Boolean).join(' '))).toEqual([
      ...['part masked template', 'part trained', 'part trained'],
    ]);
    expect(root.querySelector('.preview h2')?.textContent).toContain('rendered by the chat template of /models/m');
    expect(root.querySelector('.preview .problem')).toBeNull();
    show({ report: { ...PLAN, template: { model: '/models/m', trouble: 'It does not end.' } } });
    expect(root.querySelector('.preview .trouble')?.textContent).toContain('It does not end.');
    expect(root.querySelector('.preview .problem')).not.toBeNull();
  });

  test('problems have their gold answers, no mask, and warnings without a link to chains', () => {
    const warnings = [{ id: 'contaminated' as const, chains: 2, isLeftOut: false }];
    const preview = [
      {
        ...{ id: 'p1', set: 'train' as const, problem: 'What is 2?', parts: [], answer: '<i>2</i>', shortened: false },
        facts: [{ name: 'pass_rate', value: '0.5' }],
      },
    ];
    show({ choices: { select: 'accepted', form: 'grpo' }, report: { ...PLAN, warnings, preview } });
    expect(root.querySelector('.preview')?.textContent).toContain('<i>2</i>');
    expect(root.querySelector('.preview .row-facts')?.textContent).toBe('pass_rate0.5');
    expect(root.querySelector('.preview .legend')).toBeNull();
    expect(() => button('Show Chains')).toThrow('no button');
    button('Leave Out 2 with text of a benchmark').click();
    expect(sent.at(-1)).toMatchObject({ choices: { leaveOut: ['contaminated'] } });
  });

  test('choices add up, whatever comes from the host meanwhile', () => {
    show({});
    fill('Max rows per problem', '2');
    show({ planning: true });
    fill('Share in percent', '10');
    fill('Query', ' tokens < 4000 ');
    fill('Order', 'shuffled');
    expect(sent.at(-1)).toEqual({
      type: 'change',
      choices: { select: 'accepted', perProblem: 2, validation: 0.1, where: 'tokens < 4000', order: 'shuffled' },
    });
  });

  test('rounds are chosen one by one, and without a limit when every one is', () => {
    show({});
    const [first] = root.querySelectorAll<HTMLInputElement>('.rounds input');
    const set = (isOn: boolean): void => {
      if (first) first.checked = isOn;
      first?.dispatchEvent(new Event('change', { bubbles: true }));
    };
    set(false);
    expect(sent.at(-1)).toMatchObject({ choices: { rounds: ['1-b'] } });
    set(true);
    const last = sent.at(-1);
    expect(last?.type === 'change' && last.choices.rounds).toBeUndefined();
  });

  test.each([
    ['0-0.1', 'Minimum pass rate', '0.8', '0.05', '0.05-0.1'],
    ['0.5-1', 'Maximum pass rate', '0.1', '0.8', '0.5-0.8'],
  ])('pass rates %s stay in order', (passRate, label, invalid, valid, band) => {
    show({ choices: { select: 'accepted', form: 'grpo', passRate } });
    fill(label, invalid);
    expect(sent).toEqual([{ type: 'ready' }]);
    fill(label, valid);
    expect(sent.at(-1)).toMatchObject({ choices: { passRate: band } });
  });

  test('another form has none of the choices that only the last one has', () => {
    show({ choices: { select: 'accepted', form: 'grpo', passRate: '0-0.1', suspects: true } });
    fill('Rows for', 'dpo');
    expect(sent.at(-1)).toEqual({ type: 'change', choices: { select: 'accepted', form: 'dpo' } });
    show({ choices: { select: 'accepted', form: 'dpo', pairs: 'edits', pairsPerProblem: 2 } });
    fill('Rows for', 'kto');
    expect(sent.at(-1)).toEqual({ type: 'change', choices: { select: 'accepted', form: 'kto' } });
  });

  test.each(['grpo', 'stepwise'])('the form %s forgets the model, whose template it does not read', (form) => {
    show({ choices: { select: 'accepted', model: '/none', reasoning: 'tags', pieces: 'thought' } });
    fill('Rows for', form);
    expect(sent.at(-1)).toEqual({ type: 'change', choices: { select: 'accepted', form } });
  });

  test('a limit to chains can be removed in a form of problems', () => {
    show({ named: 3, choices: { select: 'accepted', form: 'grpo' } });
    button('Use all chains').click();
    expect(sent.at(-1)).toEqual({ type: 'allChains' });
  });

  test('writes only the plan that is shown', () => {
    show({ planning: true });
    expect(button('Write').disabled).toBe(true);
    show({ trouble: { message: 'There is no saved view “x”.' } });
    expect(button('Write').disabled).toBe(true);
    expect(root.querySelector('[role="alert"]')?.textContent).toContain('There is no saved view');
    show({ report: { ...PLAN, train: { rows: 0, problems: 0 } } });
    expect(button('Write').disabled).toBe(true);
    show({});
    button('Write').click();
    expect(sent.at(-1)).toEqual({ type: 'write', plan: 3 });
  });

  test('shows the first rows with their mask, as text', () => {
    show({});
    const parts = [...root.querySelectorAll('.answer .part')].map((one) => [one.className, one.textContent]);
    expect(parts).toEqual([
      ['part masked', 'Masked: a guess'],
      ['part trained', 'the answer'],
    ]);
    expect(root.querySelector('.problem')?.innerHTML).toContain('&lt;b&gt;');
  });
});
