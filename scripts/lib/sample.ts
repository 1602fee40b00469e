import { join } from 'node:path';
import { ROOT } from './paths.ts';
import { run } from './process.ts';

/** Copies the sample dataset into a folder that does not exist yet or is empty, by the command line that was built. */
export async function copySample(folder: string): Promise<void> {
  await run(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), 'sample', folder, '--json']);
}
