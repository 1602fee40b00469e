import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installSlurm, type SlurmCluster, slurmImpossible, startSlurm } from '../../../scripts/lib/slurm.ts';
import type { EngineChoice } from '../../../src/core/schemas/index.ts';
import { listRuns } from '../../../src/store/runs.ts';
import { alive, until } from '../../fixtures/process.ts';
import { type RayHead, rayEnvironment, startRay } from '../../fixtures/ray.ts';
import { run, temporaryFolder } from '../../unit/verbs/run.ts';
import { compared, WRITE } from './comparison.ts';

/** In place of a training of some seconds: each start of it is noted. */
const slowly = (starts: string): string[] => {
  const [node = '', flag = '', write = ''] = WRITE;
  return [node, flag, `fs.appendFileSync('${starts}', 'started\\n'); setTimeout(() => { ${write} }, 4000)`];
};

/** A comparison whose process is killed in its first training, and resumed. */
async function resumesAfterKill(engine: EngineChoice, variables: NodeJS.ProcessEnv = {}): Promise<void> {
  const { home, dataset, args, env: own, programs, resume } = await compared();
  const env = { ...own, ...variables };
  const starts = join(home, 'starts');
  const started = async (): Promise<number> =>
    (await readFile(starts, 'utf8').catch(() => '')).length / 'started\n'.length;
  const program = { program: { command: slowly(starts) }, resources: { cpus: 1 } };
  const { folder = '' } = await run('compare-selections', { ...args, ...program, engine, detach: true }, { env });
  await until(async () => (await started()) > 0, 180_000);
  const { pid } = JSON.parse(await readFile(join(folder, 'runner.lock'), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await until(() => !alive(pid));
  const { result } = await run('compare-selections', { ...resume, ...programs, ...program }, { env });
  expect(result?.sets[0]?.arms.map(({ arm, scores }) => [arm, scores.samples])).toEqual([
    ['base', 2],
    ['a', 2],
    ['b', 2],
  ]);
  // The training that ran as the process was killed is followed: none is paid twice.
  expect(await started()).toBe(2);
  const trainings = (await listRuns(dataset)).filter(({ record }) => record.kind === 'train');
  expect(trainings.map(({ record }) => record.engine)).toEqual([engine, engine]);
}

const slurmless = slurmImpossible();
describe.skipIf(slurmless !== undefined)(
  `a comparison that trains on a real Slurm${slurmless === undefined ? '' : ` (skipped: ${slurmless})`}`,
  { timeout: 600_000 },
  () => {
    let cluster: SlurmCluster;
    let missing: string | undefined;
    beforeAll(async () => {
      missing = await installSlurm();
      if (missing === undefined) cluster = await startSlurm();
    }, 600_000);
    afterAll(() => cluster?.stop());

    test('resumes after kill -9, and trains each arm once', async ({ skip }) => {
      skip(missing !== undefined, missing);
      await resumesAfterKill({ engine: 'slurm', sharedFolder: await temporaryFolder() }, cluster.env);
    });
  },
);

const environment = await rayEnvironment();
const rayless = typeof environment === 'string' ? environment : undefined;
describe.skipIf(rayless !== undefined)(
  `a comparison that trains on a real Ray${rayless === undefined ? '' : ` (skipped: ${rayless})`}`,
  { timeout: 600_000 },
  () => {
    let head: RayHead;
    beforeAll(async () => {
      if (typeof environment !== 'string') head = await startRay(environment);
    }, 600_000);
    afterAll(() => head?.stop());

    test('resumes after kill -9, and trains each arm once', async () => {
      await resumesAfterKill({ engine: 'ray', address: head.address, sharedFolder: await temporaryFolder() });
    });
  },
);
