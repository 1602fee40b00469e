import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHubName, type HubName, isPlainPath, knownSet, parseHubName } from '../../../src/core/dataset/index.ts';
import { chooseFiles, matches } from '../../../src/hub/choose.ts';
import type { CardConfig } from '../../../src/hub/repository.ts';

const name = (text: string): HubName => {
  const found = parseHubName(text);
  if ('reason' in found) throw new Error(found.reason);
  return found;
};

describe('the name of a set', () => {
  test.each([
    ['hf:openai/gsm8k', { repo: 'openai/gsm8k' }],
    ['hf:gsm8k', { repo: 'openai/gsm8k' }],
    ['hf:MATH-500', { repo: 'HuggingFaceH4/MATH-500' }],
    ['hf:squad', { repo: 'squad' }],
    ['hf:a/b:c', { repo: 'a/b', config: 'c' }],
    ['hf:a/b:c/d@v1.0', { repo: 'a/b', config: 'c', split: 'd', revision: 'v1.0' }],
    ['hf:a/b:/d', { repo: 'a/b', split: 'd' }],
    [
      'hf:a/b:data/x y.jsonl@refs/convert/parquet',
      { repo: 'a/b', file: 'data/x y.jsonl', revision: 'refs/convert/parquet' },
    ],
  ])('%s', (text, expected) => {
    expect(name(text)).toEqual(expected);
  });

  test.each([
    ...['hf:', 'hf:/b', 'hf:a/b/c', 'hf:../b', 'hf:a/..b', 'hf:a b', 'hf:a/b@', 'hf:a/b@../x', 'hf:a/b:', 'hf:a/b:/'],
    ...['hf:a/b:c/d/e', 'hf:a/b:../x.jsonl', 'hf:a/b:/x.jsonl', 'hf:a/b:x?.csv', 'hf:a?b', 'hf:a/b:c:d', 'hf:a\\b'],
  ])('%j is refused with the format of a name', (text) => {
    expect(parseHubName(text)).toEqual({ reason: expect.stringContaining('hf:OWNER/NAME') });
  });

  test('is parsed from its own text for any parts', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,10}$/);
    const named = fc.record(
      { repo: fc.tuple(part, part).map((two) => two.join('/')), config: part, split: part, revision: part },
      { requiredKeys: ['repo'] },
    );
    fc.assert(
      fc.property(named, (each) => {
        expect(parseHubName(formatHubName(each))).toEqual(each);
      }),
    );
  });

  test('an accepted path is inside the folder that it is joined to', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', 'b.c', '\\', ':', '%2e', '\u0000');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
        const path = pieces.join('/');
        if (isPlainPath(path)) expect(new URL(path, 'https://host/x/y/').href).toBe(`https://host/x/y/${path}`);
      }),
    );
  });
});

const files = (...paths: string[]) => paths.map((path) => ({ path, size: 1, hash: 'a'.repeat(40) }));

function chosen(text: string, paths: string[], configs: CardConfig[] = []): string {
  const given = name(text);
  const { config, split, files: found } = chooseFiles({ configs, files: files(...paths) }, given, knownSet(given.repo));
  return `${config ?? '-'}/${split ?? '-'}: ${found.map(({ path }) => path).join(' ')}`;
}

describe('the files of a name', () => {
  test.each([
    [
      'hf:a/b',
      ['data/train-00000-of-00001.parquet', 'data/test-00000-of-00001.parquet'],
      '-/test: data/test-00000-of-00001.parquet',
    ],
    ['hf:a/b', ['train.csv', 'valid.csv', 'README.md'], '-/validation: valid.csv'],
    ['hf:a/b:/train', ['train.csv', 'test.csv'], '-/train: train.csv'],
    [
      'hf:a/b',
      ['data/train-00001-of-00002.parquet', 'data/train-00000-of-00002.parquet'],
      '-/train: data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet',
    ],
    ['hf:a/b', ['test.jsonl', 'test.parquet'], '-/test: test.parquet'],
    ['hf:a/b', ['problems.parquet', 'dataset_infos.json'], '-/-: problems.parquet'],
    [
      'hf:a/b:socratic',
      ['main/test.jsonl', 'socratic/test.jsonl', 'socratic/train.jsonl'],
      'socratic/test: socratic/test.jsonl',
    ],
    ['hf:openai/gsm8k', ['main/test-0.parquet', 'socratic/test-0.parquet'], 'main/test: main/test-0.parquet'],
    [
      'hf:a/b@refs/convert/parquet',
      ['default/train/0000.parquet', 'default/train/0001.parquet'],
      '-/train: default/train/0000.parquet default/train/0001.parquet',
    ],
    ['hf:a/b:x/y.csv', ['x/y.csv', 'test.csv'], '-/-: x/y.csv'],
    ['hf:a/b', ['latest.jsonl'], '-/-: latest.jsonl'],
  ])('%s of %j', (text, paths, expected) => {
    expect(chosen(text, paths)).toBe(expected);
  });

  const card: CardConfig[] = [
    { config_name: 'en', data_files: [{ split: 'test', path: ['en/*.jsonl'] }] },
    { config_name: 'de', data_files: { validation: 'de/**', train: 'x.csv' }, default: true },
    { config_name: 'fr', data_dir: 'fr' },
    { config_name: 'it', data_files: 'it.csv' },
  ];
  const there = ['en/a.jsonl', 'en/more/b.jsonl', 'de/more/c.csv', 'fr/test.csv', 'it.csv', 'x.csv'];

  test.each([
    ['hf:a/b:en', 'en/test: en/a.jsonl'],
    ['hf:a/b', 'de/validation: de/more/c.csv'],
    ['hf:a/b:de/train', 'de/train: x.csv'],
    ['hf:a/b:fr', 'fr/test: fr/test.csv'],
    ['hf:a/b:it', 'it/train: it.csv'],
  ])('%s is resolved by its card', (text, expected) => {
    expect(chosen(text, there, card)).toBe(expected);
  });

  test.each([
    ['hf:a/b', ['en/test.csv', 'de/test.csv'], [], /no default config. It has: de, en/],
    ['hf:a/b', ['AIME.jsonl', 'MATH.jsonl'], [], /no single data file. It has: AIME.jsonl, MATH.jsonl/],
    ['hf:a/b', ['script.py'], [], /has no Parquet, JSONL, JSON or CSV file/],
    ['hf:a/b', there, card.slice(0, 1).concat(card.slice(2)), /no default config. It has: en, fr, it/],
    ['hf:a/b:en', ['other.jsonl'], card, /no file of rows for split test/],
  ])('%s of %j is refused as ambiguous or missing', (text, paths, configs, message) => {
    expect(() => chosen(text, paths, configs)).toThrow(message);
  });
});

test('a pattern matches the same paths as the equivalent regular expression', () => {
  const letter = fc.constantFrom('a', 'b', '/', '.');
  const path = fc.array(letter, { maxLength: 8 }).map((all) => all.join(''));
  const pattern = fc
    .array(fc.oneof(letter, fc.constantFrom('*', '?', '**')), { maxLength: 6 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(path, pattern, (text, given) => {
      const bare = given.replace(/^\.?\//, '');
      const naive = (bare.match(/\*\*\/?|./gs) ?? []).map((token) => {
        if (token === '**/') return '(?:.*/)?';
        if (token === '**') return '.*';
        if (token === '*') return '[^/]*';
        return token === '?' ? '[^/]' : token.replace(/[.]/, '\\.');
      });
      expect(matches(text, given)).toBe(new RegExp(`^${naive.join('')}$`, 's').test(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern with exponential cost as a regular expression is matched quickly', () => {
  expect(matches('a'.repeat(300), `${'*a'.repeat(140)}b`)).toBe(false);
});
