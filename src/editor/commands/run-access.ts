import { join } from 'node:path';
import { readText } from '../../store/files.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import { HOSTED_CONFIG } from '../../trainers/hosted/trainers.ts';
import { TRAINERS } from '../../trainers/index.ts';
import { hostedAccess } from '../hosted-keys.ts';
import type { Services } from '../services.ts';
import type { EndpointKey, EngineAccess } from '../verbs.ts';

/** What opens to a verb where the run goes on: the key of the host that trains, or the token of the cluster. Asks for a key that is not stored. */
export async function runAccess(services: Services, run: StoredRun): Promise<EndpointKey | EngineAccess | undefined> {
  const { engine, training } = run.record;
  if (!TRAINERS.find(({ name }) => name === training?.trainer)?.hosted) return services.engineKeys.of([engine]);
  return hostedAccess(services.keys, (await readText(join(jobFolderOf(run), HOSTED_CONFIG))) ?? '');
}
