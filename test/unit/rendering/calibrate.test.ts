// @vitest-environment happy-dom
import './standards-mode.ts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BEHAVIOURS } from '../../../src/core/schemas/index.ts';
import type { CalibrateItem, CalibrateSnapshot, FromCalibrate, ToCalibrate } from '../../../src/protocol/calibrate.ts';
import { CALIBRATE_KEYS } from '../../../src/protocol/keys.ts';
import { CalibrateApp } from '../../../webview/calibrate/app.ts';
import { DEFINITIONS } from '../../../webview/calibrate/definitions.ts';
import { actionFor } from '../../../webview/calibrate/keys.ts';
import { ScriptedHost } from './scripted-host.ts';

const press = (key: string, held: Partial<KeyboardEventInit> = {}, target: EventTarget = document.body): boolean =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held }));

describe('keys', () => {
  test('every key of the registry does its action, and no key two', () => {
    const all = CALIBRATE_KEYS.flatMap(({ keys }) => keys.map((key) => key.toLowerCase()));
    expect(new Set(all).size).toBe(all.length);
    for (const { action, keys } of CALIBRATE_KEYS) {
      for (const name of keys) {
        const parts = name.split('+');
        const held = { ctrlKey: parts.includes('Ctrl'), shiftKey: parts.includes('Shift') };
        const event = new KeyboardEvent('keydown', { key: parts.at(-1) ?? '', ...held });
        expect(actionFor(event), name).toBe(action);
      }
    }
  });
});

test('the definitions are the words of the guide', () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/reference/annotation-guide.md'), 'utf8');
  for (const kind of BEHAVIOURS) expect(guide, kind).toContain(`**${DEFINITIONS[kind].is}**`);
});

const item = (rest: Partial<CalibrateItem> = {}): CalibrateItem => ({
  sentence: 7,
  problem: { id: 'p', problem: 'Solve $3x = 12$.' },
  excerpt: {
    before: 'So $x = 4$. ',
    sentence: 'Check: **12** is $3 \\cdot 4$ <img src=x>',
    after: ' Good.',
    cut: true,
  },
  label: null,
  ...rest,
});

const snapshot = (rest: Partial<CalibrateSnapshot> = {}): CalibrateSnapshot => ({
  type: 'snapshot',
  calibration: '1-r1',
  reviewer: 'r1',
  position: 37,
  total: 100,
  labelled: 36,
  skipped: 0,
  leftOut: 0,
  item: item(),
  report: null,
  ...rest,
});

describe('the page', () => {
  const host = new ScriptedHost<ToCalibrate, FromCalibrate>();
  const actions = (): string[] => host.heard.flatMap((message) => (message.type === 'perform' ? [message.action] : []));
  const pressed = (): string[] =>
    [...document.querySelectorAll('.choice [aria-pressed="true"]')].map((button) => button.textContent?.trim() ?? '');

  // One for all tests, as there is one in a window: it listens to the keys of the whole page.
  beforeAll(() => {
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    new CalibrateApp(host, root);
    expect(host.heard).toEqual([{ type: 'ready' }]);
  });

  beforeEach(() => {
    // As a click does: keys right after the page was built are ignored.
    window.dispatchEvent(new Event('pointerdown'));
    host.heard.length = 0;
    host.send(snapshot({ item: null }));
    host.send(snapshot());
  });

  test('shows the sentence set off, its surroundings, the problem and how far one is', () => {
    expect(document.querySelector('.position')?.textContent).toBe('37 of 100');
    const target = document.querySelector('.target');
    expect(target?.querySelector('strong')?.textContent).toBe('12');
    expect(target?.querySelector('.katex')).not.toBeNull();
    expect(target?.querySelector('img')).toBeNull();
    expect(document.querySelector('.problem .katex')).not.toBeNull();
    expect(document.querySelector('.cut')).not.toBeNull();
    expect(document.activeElement).toBe(target);
    expect(target?.getAttribute('aria-label')).toBe('Sentence to label');
  });

  test('sends what the keys mean, in their order, and nothing while a key is held down', () => {
    for (const key of ['1', '3', 'Enter', 's', 'ArrowLeft', 'ArrowRight', 'u', '0']) press(key);
    press('R', { shiftKey: true });
    press('U', { shiftKey: true });
    press('Enter', { repeat: true });
    press('x');
    expect(actions()).toEqual([
      'verification',
      'subgoal',
      'confirm',
      'skip',
      'back',
      'next',
      'undo',
      'none',
      'result',
      'redo',
    ]);
  });

  test('announces the sentence, and keeps its place when more text is shown before it', () => {
    const spoken = () => document.querySelector('[role="status"]')?.textContent;
    expect(spoken()).toMatch(/^Sentence 37 of 100: Check: /);
    host.send(snapshot({ item: item({ label: ['subgoal'] }) }));
    host.send(snapshot({ item: item({ excerpt: { ...item().excerpt, before: 'Let us begin. So $x = 4$. ' } }) }));
    expect(spoken()).toMatch(/^Sentence 37 of 100/);
    expect(document.querySelector('.around')?.textContent).toContain('Let us begin.');
  });

  test('shows the current label, by mouse and by key', () => {
    expect(pressed()).toEqual([]);
    host.send(snapshot({ item: item({ label: ['verification', 'subgoal'] }) }));
    expect(pressed()).toEqual(['1verification', '3subgoal']);
    expect(document.querySelector('[role="status"]')?.textContent).toBe('verification, subgoal.');
    host.send(snapshot({ item: item({ label: [] }) }));
    expect(pressed()).toEqual(['0none']);
    host.send(snapshot({ item: item({ label: 'skipped' }) }));
    expect(pressed()).toEqual(['sSkip, unsure']);
    document.querySelectorAll<HTMLElement>('.choice button')[1]?.click();
    expect(actions()).toEqual(['backtracking']);
  });

  test('keeps the formulas that it has typeset while kinds are toggled', () => {
    const before = document.querySelector('.target .katex');
    host.send(snapshot({ item: item({ label: ['backward'] }) }));
    expect(document.querySelector('.target .katex')).toBe(before);
    host.send(snapshot({ item: item({ sentence: 8 }) }));
    expect(document.querySelector('.target .katex')).not.toBe(before);
  });

  test('lets Enter press a button that was walked to', () => {
    const button = document.querySelector<HTMLElement>('.choice button');
    press('Enter', {}, button ?? document.body);
    expect(actions()).toEqual([]);
  });

  test('opens the definitions and the keys in a sheet, which the same key closes, and no key goes through it', () => {
    press('b');
    const dialog = document.querySelector('dialog');
    expect(dialog?.open).toBe(true);
    for (const kind of BEHAVIOURS) expect(dialog?.textContent).toContain(DEFINITIONS[kind].is);
    press('1');
    press('b');
    expect(dialog?.open).toBe(false);
    press('?', { shiftKey: true });
    for (const { title } of CALIBRATE_KEYS) expect(dialog?.textContent).toContain(title);
    press('?', { shiftKey: true });
    expect(dialog?.open).toBe(false);
    expect(actions()).toEqual([]);
  });

  test('shows why there is no sentence', () => {
    host.send(snapshot({ item: null, trouble: 'All chains have changed.' }));
    expect(document.querySelector('main')?.textContent).toContain('All chains have changed.');
  });

  test('shows the result with intervals, what they mean, and where too little was labelled', () => {
    const wide = { value: 0.5, low: 0.1, high: 0.9 };
    const kinds = BEHAVIOURS.map((kind) => ({
      kind,
      counts: { both: 3, detector: 2, curator: 1, neither: 90 },
      precision: kind === 'backward' ? null : { value: 0.8, low: 0.7, high: 0.9 },
      recall: wide,
      f1: 0.6,
      kappa: 0.55,
      meaning: `What ${kind} means.`,
    }));
    const report = {
      calibration: '1-r1',
      reviewer: 'r1',
      createdAt: '',
      sentences: 100,
      labelled: 96,
      skipped: 4,
      detectors: [{ detector: 'rule' as const, title: 'offline rules', kinds }],
      agreement: [
        {
          reviewer: 'r2',
          sentences: 90,
          kappa: { verification: 0.7, backtracking: 0.6, subgoal: 0.5, backward: null },
        },
      ],
    };
    host.send(snapshot({ item: null, report }));
    const mainText = document.querySelector('main')?.textContent ?? '';
    expect(mainText).toContain('0.80 (0.70–0.90)');
    expect(mainText).toContain('not measured');
    expect(document.querySelectorAll('.estimate.wide')).toHaveLength(4);
    expect(mainText).toContain('What subgoal means.');
    expect(mainText).toContain('r2');
    press('M', { shiftKey: true });
    press('ArrowLeft');
    expect(actions()).toEqual(['copyMarkdown', 'back']);
  });
});
