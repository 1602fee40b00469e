import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAnyTrained } from '../../../src/core/training/lengths.ts';
import { chooseExport, findExport, readTrainingRows } from '../../../src/trainers/export-rows.ts';
import { TRAINERS, trainerOf } from '../../../src/trainers/index.ts';
import type { TrainerRequest } from '../../../src/trainers/trainer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const turn = (role: string, content: string) => [{ role, content }];
const DPO = {
  prompt: turn('user', 'Q'),
  chosen: turn('assistant', 'right'),
  rejected: turn('assistant', 'wrong, wrong'),
};
const KTO = { prompt: turn('user', 'Q'), completion: turn('assistant', 'right'), label: true };

async function exported(file: string, row: object): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'e'));
  await writeFile(join(folder, 'e', file), `${JSON.stringify(row)}\n`);
  await writeFile(join(folder, 'e', 'manifest.json'), '{}');
  return folder;
}

describe('the objective of a training', () => {
  test.each([
    ['train.dpo.jsonl', DPO, 'dpo'],
    ['train.kto.jsonl', KTO, 'kto'],
    ['train.messages.jsonl', {}, 'sft'],
  ] as const)('with %s is %#', async (file, row, objective) => {
    const folder = await exported(file, row);
    expect(await chooseExport(folder, trainerOf('trl'))).toEqual({ name: 'e', objective });
  });

  test('is that of the latest export with rows for the trainer, which is named beside the latest of all', async () => {
    const folder = await exported('train.prefix.jsonl', {});
    const add = async (name: string, file: string, at: number): Promise<void> => {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, file), '{}\n');
      await writeFile(join(folder, name, 'manifest.json'), '{}');
      await utimes(join(folder, name, 'manifest.json'), at, at);
    };
    await add('messages', 'train.messages.jsonl', 4e9);
    await add('pairs', 'train.dpo.jsonl', 4.1e9);
    await add('problems', 'train.grpo.jsonl', 4.2e9);
    const chosen = async (trainer: string, name?: string) => chooseExport(folder, trainerOf(trainer), name);
    expect(await chosen('trl')).toEqual({ name: 'pairs', objective: 'dpo', newest: 'problems' });
    expect(await chosen('swift')).toEqual({ name: 'messages', objective: 'sft', newest: 'problems' });
    expect(await chosen('together')).toEqual({ name: 'e', objective: 'sft', newest: 'problems' });
    expect(await chosen('trl', 'messages')).toEqual({ name: 'messages', objective: 'sft' });
    expect(await findExport(folder, 'messages')).toMatchObject({ name: 'messages' });
    await expect(findExport(folder, 'messages', 'problems')).rejects.toThrow('“problems” has no train.messages.jsonl');
  });

  test('needs an export with rows for the trainer', async () => {
    const folder = await exported('train.grpo.jsonl', {});
    await expect(chooseExport(folder, trainerOf('trl'))).rejects.toThrow('No export has rows for TRL');
  });

  test('is refused by trainers that Longhand does not run for it, with those that it does', () => {
    for (const { name, objectives } of TRAINERS) {
      if (objectives?.dpo) expect(trainerOf(name, 'dpo').config.template).toContain('dpo');
      else expect(() => trainerOf(name, 'dpo')).toThrow('The export is for DPO');
    }
    expect(() => trainerOf('swift', 'kto')).toThrow(
      expect.objectContaining({ advice: expect.stringContaining('TRL') }),
    );
  });

  test('counts both answers of a pair as trained, and a row as long as the longer one', async () => {
    const folder = await exported('train.dpo.jsonl', DPO);
    const { estimated } = await readTrainingRows(
      { path: join(folder, 'e', 'train.dpo.jsonl') },
      'dpo',
      new AbortController().signal,
    );
    const tokens = (bytes: number): number => Math.ceil(bytes / 2.5);
    expect(estimated).toEqual([
      {
        tokens: tokens('Qwrong, wrong'.length) + 16,
        trained: tokens('right'.length) + tokens('wrong, wrong'.length),
        first: tokens('Q'.length) + 16,
      },
    ]);
  });

  test('sees where no text of a file is trained', async () => {
    const messages = [
      { role: 'user', content: 'Q' },
      { role: 'assistant', content: 'A', reasoning_content: 'T' },
    ];
    const masked = ['reasoning', 'content'].map((part) => ({ part, start: 0, end: 1, train: false }));
    for (const [loss_mask, isTrained] of [
      [masked, false],
      [masked.slice(1), true],
    ] as const) {
      const folder = await exported('train.messages.jsonl', { messages, loss_mask });
      const path = join(folder, 'e', 'train.messages.jsonl');
      const { estimated } = await readTrainingRows({ path }, 'messages', new AbortController().signal);
      expect(isAnyTrained(estimated)).toBe(isTrained);
    }
  });

  test('gives LLaMA-Factory rows with the columns of its dataset_info.json', () => {
    for (const [objective, row] of [
      ['dpo', DPO],
      ['kto', KTO],
    ] as const) {
      const trainer = trainerOf('llamafactory', objective);
      const [info] = trainer.files?.({ rowsFile: 'rows.jsonl' } as TrainerRequest) ?? [];
      const { columns, ranking } = JSON.parse((info && 'content' in info && info.content) || '{}').longhand;
      const made = trainer.row?.(row) as Record<string, unknown>;
      expect(Object.keys(made).sort()).toEqual(Object.values(columns).sort());
      expect(ranking).toBe(objective === 'dpo' ? true : undefined);
      expect(trainer.config.template).toContain(`stage: ${objective}\n`);
    }
    expect(trainerOf('llamafactory', 'dpo').row?.(DPO)).toEqual({
      messages: DPO.prompt,
      chosen: DPO.chosen[0],
      rejected: DPO.rejected[0],
    });
  });
});
