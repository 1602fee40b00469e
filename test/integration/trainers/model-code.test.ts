// The interpreter is a script.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TrainingSettings } from '../../../src/core/schemas/index.ts';
import type { BaseModel } from '../../../src/trainers/model.ts';
import { preflight } from '../../../src/trainers/preflight/preflight.ts';
import { swift } from '../../../src/trainers/swift/swift.ts';
import type { Trainer } from '../../../src/trainers/trainer.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { NEVER, ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

/** What a preflight reports about the code of a model; without a base, about a folder that contains code. */
async function ofCode(trainer: Trainer, hub?: BaseModel): Promise<string[]> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'config.json'), '{"auto_map": {"AutoConfig": "evil.Evil"}}');
  const python = join(folder, 'python');
  const reply = '@@LONGHAND {"python": "3", "packages": {}}';
  await writeFile(python, `#!/bin/sh\ncat > /dev/null\necho '${reply}'\n`, { mode: 0o755 });
  const path = join(folder, 'rows.jsonl');
  await writeFile(path, '');
  const context = {
    ...{ dataset: folder, exportsFolder: folder, distFolder: join(ROOT, 'dist'), mediaFolder: join(ROOT, 'media') },
    ...{ cache: folder, env: process.env, signal: NEVER, onStep: () => {} },
  };
  const asked = {
    ...{ trainer, settings: TrainingSettings.parse({ device: 'cpu' }), engine: { engine: 'local' as const } },
    ...{ resources: {}, source: { name: 'e', rows: 'rows.jsonl', path }, program: { python }, job: folder },
    ...{ rows: { count: 0, hash: '', estimated: [] }, base: hub ?? { kind: 'folder' as const, path: folder } },
  };
  const { checks } = await preflight(asked, context);
  return checks.filter(({ message }) => message.includes('code')).map(({ state }) => state);
}

test.skipIf(process.platform === 'win32')(
  'a preflight reports where a trainer would run the code of a model',
  async () => {
    expect(await ofCode(swift)).toEqual(['error']);
    expect(await ofCode(swift, { kind: 'hub', path: 'owner/name' })).toEqual(['warning']);
    expect(await ofCode(trl)).toEqual([]);
  },
);
