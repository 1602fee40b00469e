import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  KEY_PAGES,
  type KeyEntry,
  type KeyPage,
  keyName,
  REMAPPABLE,
  REVIEW_KEYS,
  readKeys,
  withKeys,
} from '../../../src/protocol/keys.ts';
import { PageKeys } from '../../../webview/ui/page-keys.ts';

const pages = Object.keys(KEY_PAGES) as KeyPage[];
const registry = (page: KeyPage): readonly KeyEntry[] => KEY_PAGES[page];
const keysOf = (page: KeyPage, action: string, overrides = {}): readonly string[] | undefined =>
  withKeys(page, registry(page), overrides).find((entry) => entry.action === action)?.keys;

describe('the keys of pages', () => {
  test('a key of the reader means the same on every page', () => {
    const inReader = new Map(REVIEW_KEYS.flatMap(({ action, keys }) => keys.map((key) => [key.toLowerCase(), action])));
    for (const page of ['calibrate', 'workbench'] as const) {
      for (const { action, keys, as } of registry(page)) {
        for (const key of keys) expect(inReader.get(key.toLowerCase()), `${page}.${action} ${key}`).toBe(as);
      }
    }
  });

  test('have no clash by default', () => {
    expect(readKeys({})).toEqual({ overrides: {}, problems: [] });
    for (const [name, { keys }] of REMAPPABLE) {
      // Esc and Tab are no keys of the setting.
      const free = keys.filter((key) => key !== 'Escape');
      expect(readKeys({ [name]: free }).problems, name).toEqual([]);
    }
  });
});

describe('the setting longhand.keys', () => {
  test('gives an action other keys, also on pages where the key has that meaning', () => {
    const { overrides, problems } = readKeys({ 'review.undo': ['Ctrl+U', 'F3'], 'review.skip': [] });
    expect(problems).toEqual([]);
    for (const page of ['review', 'calibrate'] as const) {
      expect(keysOf(page, 'undo', overrides)).toEqual(['Ctrl+U', 'F3']);
      expect(keysOf(page, 'skip', overrides)).toEqual([]);
    }
    expect(keysOf('review', 'accept', overrides)).toEqual(['a']);
  });

  test('one key may be written without a list, and two actions may change keys with each other', () => {
    const swap = readKeys({ 'review.accept': 'r', 'review.reject': ['a'] });
    expect(swap.problems).toEqual([]);
    expect([keysOf('review', 'accept', swap.overrides), keysOf('review', 'reject', swap.overrides)]).toEqual([
      ['r'],
      ['a'],
    ]);
  });

  test.each([
    [{ 'review.acept': ['a'] }, '“review.acept” is not an action.'],
    [{ accept: ['a'] }, '“accept” is not an action.'],
    // The key of the reader applies.
    [{ 'calibrate.undo': ['z'] }, '“calibrate.undo” is not an action.'],
    [{ 'review.accept': ['Escape'] }, '"Escape" is not a key for “review.accept”.'],
    [{ 'review.accept': ['Alt+a'] }, '"Alt+a" is not a key'],
    [{ 'review.accept': [7] }, '7 is not a key'],
    [{ 'review.accept': ['R'] }, '“r” is a key of both “Accept Chain” and “Reject Chain with Reason…” in the reader.'],
    [{ 'review.skip': ['0'] }, '“0” is a key of both'],
    // Such presses have other names, or none.
    [{ 'review.accept': ['Shift+?'] }, '"Shift+?" is not a key'],
    [{ 'review.accept': ['Shift+1'] }, '"Shift+1" is not a key'],
    [{ 'review.accept': ['Ctrl+Shift+Space'] }, '"Ctrl+Shift+Space" is not a key'],
    [{ 'review.undo': ['Home'] }, '“Home” moves in the chain table.'],
    [{ 'chains.untag': ['Shift+ArrowDown'] }, '“Shift+ArrowDown” moves in the chain table.'],
  ])('%j: %s', (setting, problem) => {
    const { overrides, problems } = readKeys(setting);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(overrides).toEqual({});
  });

  test('the examples of the setting and the docs can be used', async () => {
    const { readFile } = await import('node:fs/promises');
    const files = [
      'docs/how-to/review-chains.md',
      'docs/reference/keyboard.md',
      'docs/reference/settings.md',
      'package.nls.json',
    ];
    for (const file of files) {
      const text = (await readFile(file, 'utf8')).replaceAll('\\"', '"');
      const examples = text.match(/\{ "review\.\w+": \[.*?\] \}/g) ?? [];
      expect(examples, file).not.toEqual([]);
      for (const example of examples) expect(readKeys(JSON.parse(example)).problems, `${file} ${example}`).toEqual([]);
    }
  });

  test('a sentence about a key names the action where it has none', () => {
    const registry = REVIEW_KEYS.map((entry) => (entry.action === 'undo' ? { ...entry, keys: [] } : entry));
    const keys = new PageKeys('review', registry);
    expect(keys.press('undo')).toBe('Run “Undo Review Act”');
    expect(keys.press('accept')).toBe('Press A');
    expect(keys.press('nextSentence')).toBe('Press ↓');
  });

  test('no setting makes a key mean two things on a page', () => {
    const key = fc.constantFrom('a', 'r', 'S', 'Shift+U', 'Ctrl+Z', '0', 'Enter', 'x', 'Tab', '?');
    const setting = fc.dictionary(fc.constantFrom(...REMAPPABLE.keys(), 'nothing'), fc.array(key, { maxLength: 3 }));
    fc.assert(
      fc.property(setting, (value) => {
        const { overrides } = readKeys(value);
        for (const page of pages) {
          const owners = new Map<string, string>();
          for (const entry of withKeys(page, registry(page), overrides)) {
            for (const one of entry.keys) {
              const owner = owners.get(one.toLowerCase());
              expect(owner === undefined || owner === keyName(page, entry), `${page} ${one}`).toBe(true);
              owners.set(one.toLowerCase(), keyName(page, entry));
            }
          }
        }
      }),
    );
  });
});
