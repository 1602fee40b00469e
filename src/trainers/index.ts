import { TrainerError } from './errors.ts';
import type { Trainer } from './trainer.ts';
import { trl } from './trl/trl.ts';

export { TrainerError } from './errors.ts';
export type { Trainer, TrainerRequest } from './trainer.ts';

/** All trainers, the default first. */
export const TRAINERS: readonly Trainer[] = [trl];

/** Throws TrainerError `unknown-trainer`. */
export function trainerOf(name: string): Trainer {
  const found = TRAINERS.find((one) => one.name === name);
  if (found) return found;
  const names = TRAINERS.map((one) => one.name).join(', ');
  throw new TrainerError('unknown-trainer', `There is no trainer “${name}”.`, `Take one of ${names}.`);
}
