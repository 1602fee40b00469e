import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERBS } from '../../../src/protocol/verbs.ts';
import type { RoadStep } from './road.ts';

const hashOf = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

export const exportSet: RoadStep = {
  name: 'export the training set, twice the same bytes',
  async walk(road) {
    const { workbench } = road;
    await workbench.command('Longhand: Export Training Set…');
    await workbench.pick('Accepted chains');
    await workbench.asks('From which rounds?');
    await workbench.page.keyboard.press('Enter');
    await workbench.fill('Name of the export', 'road');
    await workbench.notified(/Exported \d/);
    await workbench.screenshot('7-exported');
    const again = await road.longhand('export', road.folder, '--select', 'accepted', '--name', 'again');
    const result = VERBS.export.result.parse(again);
    const rows = (await road.list('exports', 'road')).filter((name) => name.endsWith('.jsonl'));
    assert.ok(rows.length >= 2, 'prompt/completion and messages rows are two files');
    for (const name of rows) {
      assert.equal(
        await hashOf(road.path('exports', 'road', name)),
        await hashOf(join(result.folder, name)),
        `${name} differs`,
      );
    }
    assert.ok(result.trained > 0 && result.chains > 0);
    return `${result.chains} chains, ${result.trained} characters to train on, ${result.masked} masked`;
  },
};

export const askStatus: RoadStep = {
  name: 'ask the command line how the dataset stands',
  async walk(road) {
    const status = VERBS.status.result.parse(await road.longhand('status', road.folder));
    assert.ok(status.rounds.some(({ round, state }) => round === road.round && state === 'finished'));
    return `${status.problems} problems, ${status.chains} chains, ${status.accepted} accepted, ${status.rejected} rejected`;
  },
};
