import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EndpointCheck, hostOf, type ModelRef } from '../core/schemas/index.ts';
import { writeAtomic } from '../system/atomic-write.ts';
import { readJson } from './lines/files.ts';
import { refuseLinksIn } from './links.ts';

const FILE = join('.cache', 'endpoints.json');
const Checks = z.array(EndpointCheck);

/** The last check of a model; undefined when there is none or it can't be read. */
export async function checkOf(root: string, ref: ModelRef): Promise<EndpointCheck | undefined> {
  return (await readChecks(root)).find(({ host, model }) => host === hostOf(ref) && model === ref.model);
}

async function readChecks(root: string): Promise<EndpointCheck[]> {
  return (await readJson(join(root, FILE), Checks)) ?? [];
}

/** Stores a check and replaces an earlier one of the same model. @throws StoreError `symbolic-link` */
export async function writeCheck(root: string, check: EndpointCheck): Promise<void> {
  const path = join(root, FILE);
  await refuseLinksIn(root, dirname(path));
  await mkdir(dirname(path), { recursive: true });
  const others = (await readChecks(root)).filter(({ host, model }) => host !== check.host || model !== check.model);
  await writeAtomic(path, `${JSON.stringify([...others, check], null, 2)}\n`);
}
