import { csvTable } from '../text/csv.ts';
import type { DrawnRun } from './loss-picture.ts';

const HEAD = ['run', 'step', 'epoch', 'loss', 'smoothed_loss', 'learning_rate', 'gradient_norm', 'tokens', 'time'];

/** Every point of the runs as CSV, unrounded but for the smoothed loss, which is ours; what the trainer did not say is empty. */
export function lossTable(runs: readonly DrawnRun[]): string {
  const rows = runs.flatMap(({ name, curve }) =>
    curve.points.map(({ step, t, epoch, loss, smoothed, lr, gradNorm, tokens }) => [
      ...[name, step, exact(epoch), exact(loss), smoothed, exact(lr), exact(gradNorm), tokens],
      t === undefined ? undefined : new Date(t * 1000).toISOString(),
    ]),
  );
  return csvTable(HEAD, rows);
}

/** As it was told: a learning rate has no four decimals. A text with a minus would be taken for a formula, so that stays a number. */
const exact = (value: number | undefined): string | number | undefined =>
  value === undefined || value < 0 ? value : String(value);
