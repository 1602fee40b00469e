import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../store/lines/files.ts';

/** The version in package.json beside the bundles' folder, in a checkout and in the installed extension; `unknown` when it can't be read. */
export async function ownVersion(distFolder: string): Promise<string> {
  const found = await readJson(join(distFolder, '..', 'package.json'), z.object({ version: z.string() }));
  return found?.version ?? 'unknown';
}
