import type { EngineChoice, RunRecord } from '../../core/model/index.ts';
import { isKnownEngine, placesOf } from '../../engines/known.ts';
import { quoted } from '../../engines/shell.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { RoundError } from '../../runner/error.ts';

/**
 * A dataset may be a stranger's, and its batches name addresses.
 * @param named the engine that the person names for this very round.
 * @throws RoundError for a place beyond this machine where this person neither sent jobs nor names it now.
 */
export async function refuseUnknownPlace(
  { id, engine }: Pick<RunRecord, 'id' | 'engine'>,
  named: EngineChoice | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const places = placesOf(engine);
  const wanted = named ? placesOf(named) : [];
  if (places.every((place) => wanted.includes(place))) return;
  if (await isKnownEngine(engine, cacheFolder(env), env)) return;
  throw new RoundError(
    `Batch ${id} of this round was begun at ${places.join(' and ')}, where no job was ever sent from here: nothing was asked there.`,
    `If that place is yours, name it: “longhand resume DATASET ROUND ${flagsOf(engine)}”. If not, remove its folder runs/${id}; what it asked for is asked anew.`,
  );
}

function flagsOf(choice: EngineChoice): string {
  const { engine, address, host, rest, sharedFolder } = { ...NO_PLACE, ...choice };
  const flags = {
    '--engine': engine,
    '--address': address,
    '--host': host,
    '--rest': rest,
    '--shared-folder': sharedFolder,
  };
  return Object.entries(flags)
    .flatMap(([flag, value]) => (value === undefined ? [] : [flag, quoted(value)]))
    .join(' ');
}

/** What one engine has and another has not. */
const NO_PLACE: { address?: string; host?: string; rest?: string; sharedFolder?: string } = {};
