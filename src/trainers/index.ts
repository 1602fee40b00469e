import { UserError } from '../core/errors.ts';
import type { Objective } from '../core/schemas/index.ts';
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

/** A trainer as it trains for an objective. @throws UserError `unknown-trainer`, `no-objective` */
export function trainerOf(name: string, objective: Objective = 'sft'): Trainer {
  const found = TRAINERS.find((one) => one.name === name);
  if (!found) {
    const names = TRAINERS.map((one) => one.name).join(', ');
    throw new UserError('unknown-trainer', `Unknown trainer “${name}”.`, `Choose one of ${names}.`);
  }
  if (objective === 'sft') return found;
  const parts = found.objectives?.[objective];
  if (parts) {
    // Rows of messages are rendered in another way.
    const { rendered: _rendered, ...own } = found;
    return { ...own, ...parts };
  }
  const others = TRAINERS.filter(({ objectives }) => objectives?.[objective]).map(({ title }) => title);
  const what = objective.toUpperCase();
  throw new UserError(
    'no-objective',
    `The export is for ${what}, which Longhand does not run with ${found.title}.`,
    `Train with ${others.join(' or ')}, or choose an export for supervised fine-tuning (the form sft).`,
  );
}
