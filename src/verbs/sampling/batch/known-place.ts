import { UserError } from '../../../core/errors.ts';
import type { EngineChoice, RunRecord } from '../../../core/schemas/index.ts';
import { isKnownEngine, placesOf } from '../../../engines/known.ts';
import { quote } from '../../../engines/shell.ts';
import { cacheFolder } from '../../../models/starter/cache.ts';

/**
 * Batches of a dataset from others may name any address.
 * @param named the engine that the user names for this round.
 * @throws UserError `round` for an address to which the user has never sent jobs and that is not named now.
 */
export async function refuseUnknownPlace(
  { id, engine }: Pick<RunRecord, 'id' | 'engine'>,
  named: EngineChoice | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const places = placesOf(engine);
  const allowed = named ? placesOf(named) : [];
  if (places.every((place) => allowed.includes(place))) return;
  if (await isKnownEngine(engine, cacheFolder(env), env)) return;
  throw new UserError(
    'round',
    `Batch ${id} of this round was started at ${places.join(' and ')}, where no job was ever sent from here: no request was sent there.`,
    `If that place is yours, name it: “longhand resume DATASET ROUND ${flagsOf(engine)}”. If not, remove its folder runs/${id}; its requests are then sent again.`,
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
    .flatMap(([flag, value]) => (value === undefined ? [] : [flag, quote(value)]))
    .join(' ');
}

/** What one engine has and another has not. */
const NO_PLACE: { address?: string; host?: string; rest?: string; sharedFolder?: string } = {};
