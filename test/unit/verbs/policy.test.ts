import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POLICIES } from '../../../src/core/grading/index.ts';
import { newDataset, run } from './run.ts';

describe('policy', () => {
  test('shows the policy of a dataset and sets another', async () => {
    const dataset = await newDataset();
    expect(await run('policy', { dataset })).toMatchObject({ grading: 'default', switches: { name: 'default' } });
    await run('policy', { dataset, set: 'lenient' });
    expect(JSON.parse(await readFile(join(dataset, 'longhand.json'), 'utf8'))).toMatchObject({ grading: 'lenient' });
    await run('policy', { dataset, set: { base: 'strict', units: 'convert' } });
    const shown = await run('policy', { dataset });
    expect(shown).toMatchObject({
      grading: { base: 'strict', units: 'convert' },
      switches: { percent: 'require', units: 'convert' },
    });
    await expect(run('policy', { dataset, set: 'nope' })).rejects.toThrow('no policy "nope"');
    expect((await run('policy', { dataset })).grading).toEqual(shown.grading);
  });

  test('accepts every alias that regrade accepts, and stores the name of the policy', async () => {
    const dataset = await newDataset();
    for (const { name, aliases } of Object.values(POLICIES)) {
      for (const alias of aliases) {
        expect(await run('policy', { dataset, set: alias })).toMatchObject({ grading: name, switches: { name } });
      }
    }
  });
});
