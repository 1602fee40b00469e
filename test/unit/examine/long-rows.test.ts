import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PLACES } from '../../../src/core/examine/minhash.ts';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { examine } from '../../../src/runner/examine/examine.ts';
import { MOST_CHARACTERS } from '../../../src/runner/examine/pool.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A worker that finds nothing, and writes a character for each row to a file. */
const workerOf = (file: string): string => `
import { appendFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id: task, request: { rows } }) => {
  appendFileSync(${JSON.stringify(file)}, 'x'.repeat(rows.length));
  const texts = rows.map(({ id }) => id);
  const numbers = () => new Float64Array(rows.length);
  const [lines, bits, tokens] = [1, 2, 3].map(() => new Uint32Array(rows.length));
  const [flags, outcomes] = [new Uint8Array(rows.length), new Uint8Array(rows.length)];
  const signatures = new Uint8Array(${2 * PLACES} * rows.length);
  const result = { ids: texts, answers: texts, golds: texts, findings: [], lines, bits, tokens, flags, outcomes, signatures };
  parentPort.postMessage({ kind: 'done', id: task, ms: 1, result: { ...result, problems: numbers(), replies: numbers() } });
});
parentPort.postMessage({ kind: 'ready' });
`;

it('long rows of a batch are examined before more of them are read', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'examined');
  await appendFile(file, '');
  await writeFile(join(folder, 'examine-worker.mjs'), workerOf(file));
  const [total, problem] = [30, 'x'.repeat(4 * MOST_CHARACTERS)];
  let most = 0;
  async function* rows() {
    for (let i = 0; i < total; i++) {
      most = Math.max(most, i - (await readFile(file, 'utf8')).length);
      yield { row: { id: `row ${i}`, problem }, done: i };
    }
  }
  const source = { name: 'long rows', identity: '', rows, total, unit: 'rows' as const };
  const settings = { filters: FilterSettings.parse({}), policy: resolvePolicy('default'), benchmarks: [], workers: 1 };
  const context = {
    ...{ distFolder: folder, signal: new AbortController().signal },
    ...{ log: () => undefined, progress: () => undefined },
  };
  const { report } = await examine({ source, folder: join(folder, 'out'), ...settings }, context);
  expect(report.rows).toBe(total);
  expect(most).toBeLessThanOrEqual(5);
});
