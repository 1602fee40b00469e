import { AssemblySettings } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import { chosenRounds, withLocks } from './chosen-rounds.ts';
import type { Verb } from './context.ts';
import { ReassembleTally, RoundReassembler } from './reassemble-round.ts';

export const reassemble: Verb<'reassemble'> = async (args, context) => {
  const began = performance.now();
  const dataset = await Dataset.open(args.dataset, { log: context.log });
  try {
    const { untrained, keepPerProblem, firstWrongShare } = { ...dataset.settings.dialogue, ...given(args) };
    const settings = AssemblySettings.parse({ untrained, keepPerProblem, firstWrongShare });
    const rounds = await chosenRounds(dataset, args);
    const apply = args.apply ?? false;
    const tally = new ReassembleTally();
    const work = async (): Promise<void> => {
      for (const round of rounds) {
        const plan = await dataset.roundPlan(round);
        if (plan.kind === 'dialogue')
          await new RoundReassembler(plan, { dataset, settings, apply, tally, context }).run();
      }
    };
    await (apply ? withLocks(dataset, rounds, work) : work());
    return { applied: apply, settings, ...tally.result, seconds: (performance.now() - began) / 1000 };
  } finally {
    await dataset.close();
  }
};

/** Only what was said: a missing one must not hide the dataset's own. */
function given<T extends object>(args: T): Partial<T> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as Partial<T>;
}
