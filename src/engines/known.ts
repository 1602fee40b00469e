import { join } from 'node:path';
import { z } from 'zod';
import { isNamedHost } from '../core/model/base-url.ts';
import type { EngineChoice } from '../core/model/index.ts';
import { appendLines } from '../store/files.ts';
import { linesOf } from '../store/lines.ts';
import { keptTokens } from './ray/token.ts';

/** In Longhand's cache folder, and in no dataset: where this person sends jobs. */
const FILE = 'engines.jsonl';

const Used = z.object({ place: z.string().min(1), at: z.string() });

/** The places beyond this machine that an engine is asked at; a dataset names them, which may be a stranger's. */
export function placesOf(choice: EngineChoice): string[] {
  switch (choice.engine) {
    case 'local':
      return [];
    case 'ray':
      return [choice.address.replace(/\/+$/, '')];
    case 'slurm':
      return [
        ...(choice.host === undefined ? [] : [choice.host]),
        ...(choice.rest === undefined ? [] : [choice.rest.replace(/\/+$/, '')]),
      ];
  }
}

/** Whether this person has sent jobs to that engine from this machine, or their environment or editor holds a token for it. */
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

/** To be called when somebody sends a job there. */
export async function rememberEngine(choice: EngineChoice, cache: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (await isKnownEngine(choice, cache, env)) return;
  const at = new Date().toISOString();
  await appendLines(
    join(cache, FILE),
    placesOf(choice).map((place) => ({ place, at })),
  );
}
