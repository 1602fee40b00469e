import { csvTable } from '../text/csv.ts';
import type { DrawnRun } from './loss-picture.ts';

const HEAD = ['run', 'step', 'epoch', 'loss', 'smoothed_loss', 'learning_rate', 'gradient_norm', 'tokens', 'time'];

/** All points of the runs as CSV; only the smoothed loss is rounded, and missing values are empty. */
export function lossTable(runs: readonly DrawnRun[]): string {
  const rows = runs.flatMap(({ name, curve }) =>
    curve.points.map(({ step, t, epoch, loss, smoothed, lr, gradNorm, tokens }) => [
      ...[name, step, exact(epoch), exact(loss), smoothed, exact(lr), exact(gradNorm), tokens],
      t === undefined ? undefined : new Date(t * 1000).toISOString(),
    ]),
  );
  return csvTable(HEAD, rows);
}

/** As text, because a learning rate needs more than four decimals. Negative numbers stay numbers: text with a minus would be escaped as a formula. */
const exact = (value: number | undefined): string | number | undefined =>
  value === undefined || value < 0 ? value : String(value);
