import { axolotl } from './axolotl/axolotl.ts';
import { custom } from './custom/custom.ts';
import { TrainerError } from './errors.ts';
import { fireworks, openai, together } from './hosted/trainers.ts';
import { llamaFactory } from './llamafactory/llamafactory.ts';
import { swift } from './swift/swift.ts';
import type { Trainer } from './trainer.ts';
import { trl } from './trl/trl.ts';

export { TrainerError } from './errors.ts';
export type { Trainer, TrainerRequest } from './trainer.ts';

/** All trainers, the default first. */
export const TRAINERS: readonly Trainer[] = [trl, llamaFactory, swift, axolotl, together, fireworks, openai, custom];

/** Throws TrainerError `unknown-trainer`. */
export function trainerOf(name: string): Trainer {
  const found = TRAINERS.find((one) => one.name === name);
  if (found) return found;
  const names = TRAINERS.map((one) => one.name).join(', ');
  throw new TrainerError('unknown-trainer', `There is no trainer “${name}”.`, `Take one of ${names}.`);
}
