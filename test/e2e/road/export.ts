import assert from 'node:assert/strict';
import { z } from 'zod';
import { VERBS } from '../../../src/verbs/index.ts';
import { openExportPage, setField, writeExport } from '../lib/export-page.ts';
import type { Road, RoadStep } from './road.ts';

const MaskedRow = z.object({ segments: z.array(z.object({ piece: z.string(), train: z.boolean() })).min(1) });

export const exportSet: RoadStep = {
  name: 'export the training set, twice the same bytes',
  async walk(road) {
    const { workbench } = road;
    const frame = await openExportPage(workbench);
    await setField(frame, 'Folder in exports/', 'road');
    await writeExport(workbench, frame);
    await workbench.screenshot('7-exported');
    const first = await bytesOf(road);
    for (const name of ['manifest.json', 'README.md', 'train.prompt_completion.jsonl', 'train.messages.jsonl']) {
      assert.ok(first.has(name), `the export has no ${name}`);
    }
    const again = await road.longhand('export', road.folder, '--select', 'accepted', '--name', 'road');
    const result = VERBS.export.result.parse(again);
    assert.deepEqual(await bytesOf(road), first, 'the same export has other bytes');
    const rows = road.lines(MaskedRow, 'exports', 'road', 'train.prompt_completion.jsonl');
    assert.equal(rows.length, result.chains);
    assert.ok(rows.length > 0 && result.trained > 0);
    for (const { piece, train } of rows.flatMap((row) => row.segments)) {
      assert.equal(train, piece !== 'answer[1]', `the mask of ${piece}`);
    }
    return `${result.chains} chains, ${result.trained} characters to train on, ${result.masked} masked`;
  },
};

async function bytesOf(road: Road): Promise<Map<string, string>> {
  const names = await road.list('exports', 'road');
  return new Map(
    await Promise.all(names.map(async (name) => [name, await road.read('exports', 'road', name)] as const)),
  );
}

export const askStatus: RoadStep = {
  name: 'ask the command line for the status of the dataset',
  async walk(road) {
    const status = VERBS.status.result.parse(await road.longhand('status', road.folder));
    assert.ok(status.rounds.some(({ round, state }) => round === road.round && state === 'finished'));
    return `${status.problems} problems, ${status.chains} chains, ${status.accepted} accepted, ${status.rejected} rejected`;
  },
};
