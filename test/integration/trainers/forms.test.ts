import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EXPORT_FORMS, type FormId } from '../../../src/core/export/index.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { pythonPackages } from '../../fixtures/python-packages.ts';
import { reviewedPairs } from '../../unit/export/reviewed-pairs.ts';
import { longhandJson, missing, PYTHON, python, smallestLlama, suite } from './python.ts';

const Loaded = z.record(
  z.string(),
  z.object({ rows: z.number(), columns: z.array(z.string()), steps: z.number(), loss: z.number() }),
);

describe.skipIf(missing !== undefined)(suite('forms of an export, loaded by TRL'), { timeout: 300_000 }, () => {
  let folder: string;
  let dataset: string;
  let model: string;
  const exported = (form: FormId, ...flags: string[]) =>
    longhandJson<VerbResult<'export'>>('export', dataset, '--form', form, '--name', form, ...flags);
  const rowsOf = async (form: FormId): Promise<string> =>
    join((await exported(form)).folder, EXPORT_FORMS[form].files[0]?.name ?? '');

  /** Trains one step on each file, in one process. */
  const load = async (forms: Record<string, string>, packages?: string): Promise<z.infer<typeof Loaded>> => {
    const asked = JSON.stringify({ model, out: join(folder, 'out'), forms });
    return Loaded.parse(JSON.parse((await python('forms.py', [], asked, packages)).split('@@').at(-1) ?? ''));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-forms-'));
    model = join(folder, 'tiny');
    dataset = await reviewedPairs(join(folder, 'dataset'));
    await smallestLlama(model);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('train one step with its SFT, DPO, KTO and GRPO trainers', async () => {
    const forms = ['sft', 'dpo', 'kto', 'grpo'] as const;
    const paths = Object.fromEntries(await Promise.all(forms.map(async (form) => [form, await rowsOf(form)] as const)));
    const loaded = await load(paths);
    expect(Object.keys(loaded)).toEqual([...forms]);
    expect(Object.values(loaded).map(({ rows, steps }) => [rows, steps])).toEqual([
      [4, 1],
      [4, 1],
      [8, 1],
      [4, 1],
    ]);
    expect(loaded.dpo?.loss).toBeCloseTo(Math.log(2), 3);
    expect(loaded.kto?.loss).toBeCloseTo(0.5, 3);
  });

  test('train one step with the PRM trainer of TRL 1.13, the last one that has it', async ({ skip }) => {
    const added =
      'missing' in PYTHON ? PYTHON : await pythonPackages(PYTHON.path, 'trl-1.13.0', ['--no-deps', 'trl==1.13.0']);
    if ('missing' in added) return skip(added.missing);
    const { stepwise } = await load({ stepwise: await rowsOf('stepwise') }, added.path);
    expect(stepwise).toMatchObject({ rows: 8, steps: 1 });
    expect(stepwise?.loss).toBeGreaterThan(0);
  });

  test.each(['dpo', 'kto'] as const)('longhand train offers %s, the objective of the export', async (objective) => {
    const { folder: place } = await exported(objective, '--validation', '0.3');
    const flags = ['--model', model, '--device', 'cpu', '--max-steps', '2', '--export', basename(place), '--follow'];
    const { plan, report } = await longhandJson<VerbResult<'train'>>('train', dataset, ...flags);
    expect(plan).toMatchObject({ objective, configFile: `${objective}.yaml`, lengths: { exact: true, cut: 0 } });
    expect(report).toMatchObject({ state: 'succeeded', step: 2, total: 2 });
    expect(report?.loss).toBeGreaterThan(0);
    const { progress } = await longhandJson<VerbResult<'run'>>('run', dataset, report?.run ?? '');
    expect(progress).toContainEqual(expect.objectContaining({ event: 'eval', loss: expect.any(Number) }));
  });
});
