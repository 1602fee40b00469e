import { describe, expect, test } from 'vitest';
import { datasetCard, Tally } from '../../../src/core/export/index.ts';
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

  test.each(['plain', 'a: "b"', '\u0085\u2028\u2029\x7f\ufeff', 'é 🎲'])('%j stays the same value', (text) => {
    expect(JSON.parse(yamlScalar(text))).toBe(text);
  });
});
