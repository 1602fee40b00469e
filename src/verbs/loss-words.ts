import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

/** How the loss of trainings went, for a person at a terminal. */
export function lossInWords({ runs, svg, csv }: VerbResult<'loss'>): string {
  return lines(
    ...runs.flatMap(({ run, step, total, first, last, smoothed, checkpoints, resumes }) => {
      const at = step === undefined ? '' : `, step ${step}${total === undefined ? '' : ` of ${total}`}`;
      if (first === undefined || last === undefined) return [`${run}${at}: the trainer has told no loss.`];
      return [
        `${run}${at}: loss ${first.toFixed(4)} at first, ${last.toFixed(4)} now${smoothed === undefined ? '' : `, ${smoothed.toFixed(4)} smoothed`}.`,
        ...(checkpoints.length === 0 ? [] : [`  Checkpoints at steps ${checkpoints.join(', ')}.`]),
        ...(resumes.length === 0 ? [] : [`  Resumed at steps ${resumes.join(', ')}.`]),
      ];
    }),
    ...(svg === undefined ? [] : [`Picture: ${svg}`]),
    ...(csv === undefined ? [] : [`Table: ${csv}`]),
  );
}
