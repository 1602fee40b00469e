import { describe, expect, test } from 'vitest';
import { datasetCard, readManifest, Tally } from '../../../src/core/export/index.ts';
import type { Manifest } from '../../../src/core/export/manifest.ts';
import { yamlScalar } from '../../../src/core/text/yaml.ts';

function manifestOf(name: string, promptsHash: string): Omit<Manifest, 'files'> {
  const tally = new Tally();
  return {
    version: 1,
    name: 'passed',
    createdAt: '2026-11-24T08:50:03.263Z',
    longhand: '0.1.0',
    dataset: { id: 'd', name },
    selection: { select: 'passed', rule: 'All.', rounds: 'all' },
    offsets: 'code points',
    counts: tally.counts,
    rounds: [{ round: '1-a', kind: 'dialogue', createdAt: '2026-11-24T08:50:03.263Z', promptSet: 'full', promptsHash }],
    reviewers: [],
    sources: [],
  };
}

describe('the dataset card', () => {
  test('has the expected YAML and text for any names and hashes', () => {
    const card = datasetCard(manifestOf('a\u2028---\u0085---\u202eb', '![](//ab.co)'), {});
    const [head = ''] = card.split('\n---\n');
    expect(head).not.toMatch(/[\x7f-\x9f\u2028\u2029]/);
    expect(head).toContain('pretty_name: "a\\u2028---\\u0085---');
    const body = card.slice(head.length);
    expect(body).toContain('SHA-256 !\\[\\](//ab.co)…');
    expect(body).not.toContain('\u202e');
  });

  test('keeps texts of a stranger’s manifest inside their lines', () => {
    const hostile = '`x`\n\n# Title <img src=x>';
    const manifest = manifestOf('d', 'h');
    const card = datasetCard(
      {
        ...manifest,
        longhand: hostile,
        selection: { ...manifest.selection, rule: hostile, query: hostile, left: { [hostile]: 1 } },
        rounds: [{ ...manifest.rounds[0], round: hostile, promptSet: hostile } as Manifest['rounds'][number]],
      },
      {},
    );
    expect(card).not.toMatch(/^# Title/m);
    expect(card).not.toMatch(/(?<!\\)<img(?![^`\n]*`)/);
  });

  test.each([
    [{ form: 'none' }],
    [{ selection: { select: 'passed', rule: 'All.', rounds: 'all', leftOut: 'all' } }],
    [{ selection: { select: 'passed', rule: 'All.', rounds: 'all', pairs: { pairing: 'x', perProblem: 1, seed: 1 } } }],
    [{ selection: { select: 'passed', rule: 'All.', rounds: 'all', validation: { share: 1 } } }],
    [{ judges: [{ model: 1 }] }],
  ])('is not made of a manifest with %j', (changes) => {
    const manifest = { ...manifestOf('d', 'h'), files: {} };
    expect(readManifest(JSON.stringify(manifest))).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(readManifest(JSON.stringify({ ...manifest, ...changes }))).toBeUndefined();
  });

  test('is made of a manifest with a long query, which an export can have', () => {
    const manifest = { ...manifestOf('d', 'h'), files: {} };
    const query = `chain = ${'4.2,'.repeat(10_000)}5`;
    const long = { ...manifest, selection: { ...manifest.selection, query } };
    expect(readManifest(JSON.stringify(long))?.selection.query).toBe(query);
  });

  test.each(['plain', 'a: "b"', '\u0085\u2028\u2029\x7f\ufeff', 'é 🎲'])('%j stays the same value', (text) => {
    expect(JSON.parse(yamlScalar(text))).toBe(text);
  });
});
