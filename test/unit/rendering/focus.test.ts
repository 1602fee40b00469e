// @vitest-environment happy-dom
import './standards-mode.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { moveFocus, onFocusTaken } from '../../../webview/ui/focus.ts';
import { listenForKeys, pressesControl } from '../../../webview/ui/keyboard.ts';

const press = (key: string, rest: KeyboardEventInit = {}): boolean =>
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...rest }));
const pointer = (): boolean => window.dispatchEvent(new Event('pointerdown'));
const focus = (): boolean => window.dispatchEvent(new Event('focus'));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** As VS Code does in each webview, before the page's own scripts run: the window keeps these keys from the browser. */
window.addEventListener('keydown', (event) => {
  if (event.ctrlKey && ['z', 'f'].includes(event.key)) event.preventDefault();
});

describe('keys of a page', () => {
  const heard: string[] = [];
  listenForKeys(({ key }) => heard.push(key));
  beforeEach(() => {
    vi.advanceTimersByTime(1000);
    heard.length = 0;
  });

  test('letters, digits and signs are ignored for half a second after the page got the focus', () => {
    focus();
    for (const key of ['a', 'r', '1', '?']) press(key);
    vi.advanceTimersByTime(499);
    press('a');
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(2);
    press('a');
    expect(heard).toEqual(['a']);
  });

  test('keys that decide nothing work immediately', () => {
    focus();
    press('Escape');
    press('ArrowRight');
    press('z', { ctrlKey: true });
    expect(heard).toEqual(['Escape', 'ArrowRight', 'z']);
  });

  test('a key that decides something is ignored for half a second, whatever it is', () => {
    const decided: string[] = [];
    listenForKeys(
      ({ key }) => decided.push(key),
      ({ key }) => key === 'F4' || key === 'ArrowUp',
    );
    focus();
    for (const key of ['F4', 'ArrowUp', 'ArrowDown']) press(key);
    press('ArrowUp', { ctrlKey: true });
    expect(decided).toEqual(['ArrowDown']);
    vi.advanceTimersByTime(501);
    press('F4');
    expect(decided).toEqual(['ArrowDown', 'F4']);
  });

  test('Enter and Space belong to a control that has the focus', () => {
    const on = (target: HTMLElement, key: string): boolean => {
      let presses = false;
      target.addEventListener('keydown', (event) => (presses = pressesControl(event)), { once: true });
      document.body.append(target);
      target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      return presses;
    };
    const create = (name: string) => document.createElement(name);
    expect(['button', 'summary', 'div'].map((name) => on(create(name), 'Enter'))).toEqual([true, true, false]);
    expect([on(create('button'), ' '), on(create('button'), 'a')]).toEqual([true, false]);
  });

  test('keys that VS Code keeps from the browser reach the page', () => {
    press('z', { ctrlKey: true });
    press('f', { ctrlKey: true });
    expect(heard).toEqual(['z', 'f']);
  });

  test('a click in the page ends the half second, whichever comes first', () => {
    focus();
    pointer();
    press('a');
    vi.advanceTimersByTime(1000);
    pointer();
    vi.advanceTimersByTime(50);
    focus();
    press('b');
    expect(heard).toEqual(['a', 'b']);
  });

  test('Enter and Space press no button and confirm no form for half a second, and letters reach a text field', () => {
    const button = document.createElement('button');
    const field = document.createElement('input');
    document.body.append(button, field);
    const type = (target: HTMLElement, key: string): boolean =>
      target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true }));
    const typed = (): boolean[] => [type(button, 'Enter'), type(button, ' '), type(field, 'Enter'), type(field, 'a')];
    // The clicks of earlier tests are long ago.
    vi.advanceTimersByTime(10_000);
    focus();
    // False: the browser does nothing with the key.
    expect(typed()).toEqual([false, false, false, true]);
    vi.advanceTimersByTime(501);
    expect(typed()).toEqual([true, true, true, true]);
    focus();
    pointer();
    expect(typed()).toEqual([true, true, true, true]);
  });

  test('what is typed into a text control is no key of the page', () => {
    const input = document.createElement('input');
    document.body.append(input);
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true, composed: true }));
    expect(heard).toEqual([]);
  });
});

describe('the focus of a page', () => {
  test('is reported when it came without a click', () => {
    const taken = vi.fn();
    onFocusTaken(taken);
    vi.advanceTimersByTime(1000);
    focus();
    vi.advanceTimersByTime(200);
    expect(taken).toHaveBeenCalledTimes(1);
    // In either order.
    pointer();
    focus();
    vi.advanceTimersByTime(1000);
    focus();
    vi.advanceTimersByTime(50);
    pointer();
    vi.advanceTimersByTime(200);
    expect(taken).toHaveBeenCalledTimes(1);
  });

  test('is not taken by a page that has not got it; its element gets it with the page', () => {
    const element = document.createElement('button');
    document.body.append(element);
    const given = vi.spyOn(element, 'focus');
    const has = vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    moveFocus(element);
    expect(given).not.toHaveBeenCalled();
    has.mockReturnValue(true);
    focus();
    expect(given).toHaveBeenCalledTimes(1);
    moveFocus(element);
    expect(given).toHaveBeenCalledTimes(2);
  });

  test.each(['review', 'chains', 'calibrate', 'workbench'])('the %s page moves it by moveFocus alone', async (page) => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const folder = join(import.meta.dirname, '../../../webview', page);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith('.ts'),
    )) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect(text, name).not.toMatch(/\.focus\(\{|\?\.focus\(\)|window\.addEventListener\('keydown'/);
    }
  });
});
