import type { Judged } from './ours.ts';
import type { Pair } from './pairs.ts';

/** A grader's verdicts on all pairs. */
export interface Judgement {
  readonly name: string;
  readonly judged: readonly Judged[];
}

/** A label that its own project’s notes call wrong. */
function isWrongUpstream({ note }: Pair): boolean {
  return note !== undefined && /upstream|known bug/i.test(note);
}

interface Confusion {
  equalEqual: number;
  equalDifferent: number;
  differentEqual: number;
  differentDifferent: number;
  /** Disagreements with labels that are wrong upstream; not among the others. */
  excepted: number;
}

function confusion(pairs: readonly Pair[], judged: readonly Judged[], wanted: (pair: Pair) => boolean): Confusion {
  const counts = { equalEqual: 0, equalDifferent: 0, differentEqual: 0, differentDifferent: 0, excepted: 0 };
  for (const [i, pair] of pairs.entries()) {
    if (!wanted(pair)) continue;
    const correct = judged[i]?.correct ?? false;
    if (correct !== pair.expected && isWrongUpstream(pair)) counts.excepted += 1;
    else if (pair.expected) counts[correct ? 'equalEqual' : 'equalDifferent'] += 1;
    else counts[correct ? 'differentEqual' : 'differentDifferent'] += 1;
  }
  return counts;
}

/** Agreement by the group that `of` returns for a pair: a line for each group, with the errors of every grader. */
export function agreementTable(
  title: string,
  pairs: readonly Pair[],
  graders: readonly Judgement[],
  of: (pair: Pair) => string,
): string {
  const groups = [...new Set(pairs.map(of))].sort();
  const lines = [...groups, 'all'].map((group) => {
    const wanted = (pair: Pair) => group === 'all' || of(pair) === group;
    const cells = graders.map(({ judged }) => {
      const c = confusion(pairs, judged, wanted);
      const errors = c.equalDifferent + c.differentEqual;
      return `${errors} (${c.equalDifferent} equal called different, ${c.differentEqual} different called equal${c.excepted > 0 ? `, ${c.excepted} excepted` : ''})`;
    });
    return [group, String(pairs.filter(wanted).length), ...cells];
  });
  return table([title, 'pairs', ...graders.map(({ name }) => `errors of ${name}`)], lines);
}

/** The confusion counts of each grader. */
export function confusionTable(pairs: readonly Pair[], graders: readonly Judgement[]): string {
  const lines = graders.map(({ name, judged }) => {
    const c = confusion(pairs, judged, () => true);
    return [name, c.equalEqual, c.equalDifferent, c.differentEqual, c.differentDifferent].map(String);
  });
  const head = ['confusion', 'equal → equal', 'equal → different', 'different → equal', 'different → different'];
  return table(head, lines);
}

/** Answers per second and the times of single answers. */
export function speedLine(name: string, times: readonly number[]): string {
  const at = (q: number) => quantile(times, q);
  const ms = (value: number) => `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
  return `${name}: ${Math.round(perSecond(times))}/s; median ${ms(at(0.5))}, p95 ${ms(at(0.95))}, p99 ${ms(at(0.99))}, max ${ms(at(1))}`;
}

/** The q-quantile, the nearest measured value above; NaN for none. */
export function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Answers per second of computing, in a row. */
export function perSecond(times: readonly number[]): number {
  return (times.length / times.reduce((sum, time) => sum + time, 0)) * 1000;
}

/** A text on one line, shortened in the middle. */
export function short(text: unknown): string {
  const line = JSON.stringify(text ?? null);
  return line.length > 120 ? `${line.slice(0, 50)} … ${line.slice(-66)}` : line;
}

/** Our disagreements with the labels, with the compared values and the method. */
export function missList(pairs: readonly Pair[], [ours, ...others]: readonly Judgement[]): string[] {
  return pairs.flatMap((pair, i) => {
    const judged = ours?.judged[i];
    if (judged === undefined || judged.correct === pair.expected) return [];
    const { outcome, method, extracted, gold, prediction, detail } = judged.verdict ?? {};
    const verdicts = others.map(({ name, judged: theirs }) => `${name}: ${theirs[i]?.correct ? 'equal' : 'different'}`);
    return [
      `${pair.id} (${pair.source}, ${pair.shape}): expected ${pair.expected ? 'equal' : 'different'}, ${outcome} by ${method}${verdicts.length > 0 ? `; ${verdicts.join(', ')}` : ''}`,
      `    gold ${short(pair.gold)} | prediction ${short(pair.prediction)}`,
      `    extracted ${short(extracted)}; compared ${short(gold)} with ${short(prediction)}${detail === undefined ? '' : `: ${detail.slice(0, 160)}`}`,
      ...(pair.note === undefined ? [] : [`    note: ${pair.note}`]),
    ];
  });
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]?.length ?? 0)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
