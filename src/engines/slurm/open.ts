import type { EngineChoice } from '../../core/model/index.ts';
import { readSettings } from '../../store/settings.ts';
import type { EngineContext } from '../context.ts';
import { SlurmCommands } from './commands.ts';
import { SlurmEngine } from './engine.ts';
import { SlurmRest } from './rest.ts';
import { SharedFolder } from './shared-folder.ts';
import { Shell } from './shell.ts';

/** @throws StoreError when the folder is no dataset: its id tells its jobs from those of others. */
export async function openSlurm(
  choice: Extract<EngineChoice, { engine: 'slurm' }>,
  { dataset: folder, env }: EngineContext,
): Promise<SlurmEngine> {
  const dataset = { id: (await readSettings(folder)).id, folder };
  const shell = new Shell(choice.host, env);
  const { rest, partition } = choice;
  return new SlurmEngine({
    control: rest === undefined ? new SlurmCommands(shell, partition) : new SlurmRest(rest, env),
    shared: new SharedFolder(shell, choice.sharedFolder, dataset),
    dataset,
    partition,
  });
}
