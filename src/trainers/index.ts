import { UserError } from '../core/errors.ts';
import { axolotl } from './axolotl/axolotl.ts';
import { custom } from './custom/custom.ts';
import { fireworks, openai, together } from './hosted/trainers.ts';
import { llamaFactory } from './llamafactory/llamafactory.ts';
import { swift } from './swift/swift.ts';
import type { Trainer } from './trainer.ts';
import { trl } from './trl/trl.ts';

export type { Trainer } from './trainer.ts';

/** All trainers, the default first. */
export const TRAINERS: readonly Trainer[] = [trl, llamaFactory, swift, axolotl, together, fireworks, openai, custom];

/** @throws UserError `unknown-trainer` */
export function trainerOf(name: string): Trainer {
  const found = TRAINERS.find((one) => one.name === name);
  if (found) return found;
  const names = TRAINERS.map((one) => one.name).join(', ');
  throw new UserError('unknown-trainer', `Unknown trainer “${name}”.`, `Choose one of ${names}.`);
}
