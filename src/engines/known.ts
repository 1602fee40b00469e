import { join } from 'node:path';
import { z } from 'zod';
import { present } from '../core/defined.ts';
import { isNamedHost } from '../core/models/base-url.ts';
import type { EngineChoice } from '../core/schemas/index.ts';
import { appendLines, linesOf } from '../store/lines/files.ts';
import { keptTokens } from './ray/token.ts';

/** In Longhand's cache folder, not in a dataset: where this user sends jobs. */
const FILE = 'engines.jsonl';

const Used = z.object({ place: z.string().min(1), at: z.string() });

/** The addresses of an engine. They come from the dataset, which may be someone else's. */
export function placesOf(choice: EngineChoice): string[] {
  switch (choice.engine) {
    case 'local':
      return [];
    case 'ray':
      return [choice.address.replace(/\/+$/, '')];
    case 'slurm':
      return present(choice.host, choice.rest?.replace(/\/+$/, ''));
  }
}

/** Whether this user has sent jobs to the engine from this machine, or has a token for it. */
export async function isKnownEngine(choice: EngineChoice, cache: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const places = placesOf(choice).filter((place) => !isNamed(choice, place, env));
  if (places.length === 0) return true;
  const used = new Set<string>();
  for await (const { place } of linesOf(join(cache, FILE), Used)) used.add(place);
  return places.every((place) => used.has(place));
}

function isNamed({ engine }: EngineChoice, place: string, env: NodeJS.ProcessEnv): boolean {
  if (!URL.canParse(place)) return false;
  const { LONGHAND_RAY_HOST, LONGHAND_SLURM_HOST } = env;
  const host = engine === 'ray' ? LONGHAND_RAY_HOST : LONGHAND_SLURM_HOST;
  const kept = engine === 'ray' ? Object.keys(keptTokens(env)) : [];
  return [...(host ? [host] : []), ...kept].some((name) => isNamedHost(place, name));
}

/** Called when the user sends a job. */
export async function rememberEngine(choice: EngineChoice, cache: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (await isKnownEngine(choice, cache, env)) return;
  const at = new Date().toISOString();
  await appendLines(
    join(cache, FILE),
    placesOf(choice).map((place) => ({ place, at })),
  );
}
