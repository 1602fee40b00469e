import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { longhandJson } from '../../fixtures/process.ts';

const FIRST = 'It is five. ';

/** A dataset in `folder` with one export of short rows, whose first sentence is not trained. */
export async function trainingDataset(folder: string, rows = 8): Promise<string> {
  await longhandJson('init', folder);
  const place = join(folder, 'exports', 'short');
  await mkdir(place, { recursive: true });
  const lines = Array.from({ length: rows }, (_, i) => {
    const content = `${FIRST}Wait: ${i} + 2 = ${i + 2}. \\boxed{${i + 2}}`;
    return JSON.stringify({
      id: `row-${i}`,
      messages: [
        { role: 'user', content: `What is ${i} + 2?` },
        { role: 'assistant', content },
      ],
      loss_mask: [
        { start: 0, end: FIRST.length, train: false },
        { start: FIRST.length, end: content.length, train: true },
      ],
    });
  });
  await writeFile(join(place, 'train.messages.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(place, 'manifest.json'), '{}\n');
  return folder;
}
