import { piecesOf } from '../core/dialogue/index.ts';
import { tryProblem } from '../runner/try-problem.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';
import { triedInWords } from './try-words.ts';

export const tryOne: Verb<'try'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { log: context.log });
  const places: readonly string[] = piecesOf(dataset.settings.dialogue.turns);
  const total = args.until === undefined ? places.length : places.indexOf(args.until) + 1;
  let done = 0;
  try {
    return await tryProblem(dataset, args, {
      ...context,
      cache: context.env.LONGHAND_CACHE,
      tell: (event) => {
        if (event.type === 'done') {
          done++;
          context.log(triedInWords(event.tried));
        }
        const message = event.type === 'done' ? undefined : event.piece;
        const where = { done, total, unit: 'pieces', tried: event };
        context.progress(message === undefined ? where : { ...where, message });
      },
    });
  } finally {
    await dataset.close();
  }
};
