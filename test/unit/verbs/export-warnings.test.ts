import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/export/index.ts';
import { print } from '../../../src/verbs/export/export.ts';
import { act } from '../store/fixtures.ts';
import { open, run, temporaryFolder } from './run.ts';

test('accepted chains with a wrong answer are counted in the result, the manifest and the card', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  const wrong = opened.index.chains().filter(({ outcome }) => outcome === 'incorrect');
  const right = opened.index.chains().find(({ passed }) => passed);
  expect(wrong.length).toBeGreaterThan(1);
  for (const { id } of [...wrong, ...(right ? [right] : [])]) {
    await opened.appendReview(act('r1', id, { act: 'accept' }));
  }
  // One of them is correct according to the reviewer: it has no warning.
  const overruled = act('r1', wrong[0]?.id ?? '', { act: 'override', outcome: 'correct', reason: 'equal' });
  await opened.appendReview(overruled);

  const result = await run('export', { dataset, select: 'accepted' });
  const warnings = { wrongAnswer: wrong.length - 1, filteredOut: expect.any(Number) };
  expect(result).toMatchObject({ chains: wrong.length + 1, warnings });
  const manifest: Manifest = JSON.parse(await readFile(join(result.folder, 'manifest.json'), 'utf8'));
  expect(manifest.counts.warnings).toEqual(result.warnings);
  const phrase = `${wrong.length - 1} with a wrong final answer`;
  expect(await readFile(join(result.folder, 'README.md'), 'utf8')).toContain(phrase);
  expect(print(result)).toContain(`Warning: ${phrase}`);
});
