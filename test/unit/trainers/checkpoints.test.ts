import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkpointsOf, isWhole } from '../../../src/trainers/runs/checkpoints.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A safetensors file of one tensor of 4 bytes. */
function safetensors(): Buffer {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4)]);
}

const ZIP_END = Buffer.concat([Buffer.from('PK\u0005\u0006', 'latin1'), Buffer.alloc(18)]);

describe('a checkpoint', () => {
  let run: string;
  let folder: string;

  beforeEach(async () => {
    run = await temporaryFolder();
    folder = join(run, 'out', 'checkpoint-4');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'trainer_state.json'), JSON.stringify({ global_step: 4 }));
    await writeFile(join(folder, 'model.safetensors'), safetensors());
    await writeFile(join(folder, 'optimizer.pt'), Buffer.concat([Buffer.alloc(3000), ZIP_END]));
  });

  test('is complete with all its bytes', async () => {
    expect(await isWhole(folder, 4)).toBe(true);
    const lines = [
      { event: 'log' as const, step: 3, loss: 2 },
      { event: 'log' as const, step: 5, loss: 1 },
    ];
    expect(await checkpointsOf(run, lines)).toEqual([{ path: 'out/checkpoint-4', step: 4, whole: true, loss: 2 }]);
  });

  test.each([
    ['a missing state', () => rm(join(folder, 'trainer_state.json'))],
    ['a truncated state', () => truncate(join(folder, 'trainer_state.json'), 10)],
    ['the state of another step', () => writeFile(join(folder, 'trainer_state.json'), '{"global_step": 3}')],
    ['weights without their last byte', () => truncate(join(folder, 'model.safetensors'), safetensors().length - 1)],
    ['weights that end in their header', () => truncate(join(folder, 'model.safetensors'), 20)],
    ['empty weights', () => truncate(join(folder, 'model.safetensors'), 0)],
    ['no weights', () => rm(join(folder, 'model.safetensors'))],
    ['a truncated optimizer', () => truncate(join(folder, 'optimizer.pt'), 2000)],
    [
      'a missing shard',
      () =>
        writeFile(
          join(folder, 'model.safetensors.index.json'),
          JSON.stringify({ weight_map: { w: 'model.safetensors', v: 'model-2.safetensors' } }),
        ),
    ],
  ])('with %s is incomplete', async (_, break_) => {
    await break_();
    expect(await isWhole(folder, 4)).toBe(false);
  });

  test('is incomplete when its folder is deleted', async () => {
    await rm(folder, { recursive: true });
    expect(await isWhole(folder, 4)).toBe(false);
  });
});
