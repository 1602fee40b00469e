import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../store/files.ts';

/** The package file stands beside the bundles' folder, in a checkout as in the installed extension. `unknown` when it cannot be read. */
export async function ownVersion(distFolder: string): Promise<string> {
  const found = await readJson(join(distFolder, '..', 'package.json'), z.object({ version: z.string() }));
  return found?.version ?? 'unknown';
}
