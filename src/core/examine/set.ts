import { defined } from '../defined.ts';
import { formatCount, plural } from '../text/format.ts';
import { FLAG } from './examined.ts';
import type { RowFinding } from './finding.ts';
import type { FindingId } from './kinds.ts';
import { mix, similarity } from './minhash.ts';
import { nearGroups } from './near-duplicates.ts';
import { hideSensitive } from './sensitive.ts';
import { type RowTable, repliesOf } from './table.ts';

/** Similarity from which two texts are near duplicates. */
export const NEAR = 0.8;
/** Share of replies that mark their answer, from which one that does not is suspect; and fewest replies for that. */
const CONVENTION = 0.95;
const FEWEST_REPLIES = 50;
/** Interquartile ranges of the logarithm beyond the quartiles: one in ten million of a normal distribution. */
const FENCES = 3;
/** A smaller range would make ordinary differences outliers. */
const NARROWEST = Math.log(1.25);

/** A finding about a row, and the first row of its group. */
type Found = readonly [row: number, finding: FindingId, reason: string, group?: number];

/**
 * The findings about several rows: duplicates, disagreements, outliers. They are marked in the table too.
 * @param onStep Called with the share that is done.
 */
export function* setFindings(
  table: RowTable,
  onStep: (share: number) => void = () => undefined,
): Generator<RowFinding> {
  const first = firstByProblem(table);
  const steps = [
    () => exactDuplicates(table),
    () => nearDuplicateProblems(table, first),
    () => nearDuplicateReplies(table),
    () => goldDisagreements(table, first),
    () => answerDisagreements(table, first),
    () => unstated(table),
    () => outliers(table),
  ];
  for (const [i, step] of steps.entries()) {
    for (const [row, finding, reason, group] of step()) {
      table.found(row, finding);
      yield {
        finding,
        id: table.id(row),
        ...defined({ line: table.line(row) }),
        reason: hideSensitive(reason),
        ...(group === undefined ? {} : { group: table.id(group), ...defined({ groupLine: table.line(group) }) }),
      };
    }
    onStep((i + 1) / steps.length);
  }
}

/** The first row with the problem of each row. */
function firstByProblem(table: RowTable): Uint32Array {
  return firstEqual(table.length, (row) => table.problem(row));
}

/** For each row the first one with the same key; the row itself for the key 0. In typed arrays, since a map of a million numbers takes 50 MB. */
function firstEqual(length: number, keyOf: (row: number) => number): Uint32Array {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * length)));
  const rows = new Int32Array(size).fill(-1);
  return Uint32Array.from({ length }, (_, row) => {
    const key = keyOf(row);
    if (key === 0) return row;
    let slot = mix((key % 0x1_0000_0000) ^ (key / 0x1_0000_0000)) & (size - 1);
    for (let other = rows[slot] ?? -1; other >= 0; other = rows[slot] ?? -1) {
      if (keyOf(other) === key) return other;
      slot = (slot + 1) & (size - 1);
    }
    rows[slot] = row;
    return row;
  });
}

/** Number of different problems. */
export function countProblems(table: RowTable): number {
  const first = firstByProblem(table);
  return first.reduce((count, other, row) => count + (other === row && table.problem(row) !== 0 ? 1 : 0), 0);
}

function* exactDuplicates(table: RowTable): Generator<Found> {
  // The sum of two hashes is as good a hash but for one bit.
  const first = firstEqual(table.length, (row) => table.problem(row) + table.reply(row));
  for (const [row, other] of first.entries()) {
    if (other !== row) yield [row, 'exact-duplicate', `Problem and reply are those of ${table.id(other)}.`, other];
  }
}

function* nearDuplicateProblems(table: RowTable, first: Uint32Array): Generator<Found> {
  const rows = indicesOf(table, (row) => first[row] === row && table.has(row, FLAG.problemSigned));
  const signatures = table.signatures('problem');
  const groups = nearGroups(signatures, rows, NEAR);
  for (let row = 0; row < table.length; row += 1) {
    const own = first[row] ?? row;
    const group = groups[own] ?? own;
    if (group === own) continue;
    yield [
      row,
      'near-duplicate',
      `The problem is nearly that of ${table.id(group)}${alike(signatures, own, group)}.`,
      group,
    ];
  }
}

function* nearDuplicateReplies(table: RowTable): Generator<Found> {
  const first = firstEqual(table.length, (row) => table.reply(row));
  const rows = indicesOf(table, (row) => first[row] === row && table.has(row, FLAG.replySigned));
  const signatures = table.signatures('reply');
  const groups = nearGroups(signatures, rows, NEAR);
  for (let row = 0; row < table.length; row += 1) {
    const own = first[row] ?? row;
    const group = groups[own] ?? own;
    // With its problem too it is an exact duplicate.
    if (group === row || (group === own && table.problem(row) === table.problem(own))) continue;
    if (!table.has(row, FLAG.replySigned)) continue;
    const other = table.id(group);
    const reason =
      group === own
        ? `The reply is that of ${other}.`
        : `The reply is nearly that of ${other}${alike(signatures, own, group)}.`;
    yield [row, 'near-duplicate-reply', reason, group];
  }
}

function alike(signatures: ReturnType<RowTable['signatures']>, a: number, b: number): string {
  const [left, right] = [signatures.at(a), signatures.at(b)];
  const share = similarity(left.values, left.from, right.values, right.from);
  return share < NEAR ? ', by way of another' : ` (similarity ${share.toFixed(2)})`;
}

function* goldDisagreements(table: RowTable, first: Uint32Array): Generator<Found> {
  const golds = new Map<number, number>();
  const isRepeated = repeatedOf(first);
  for (const [row, problem] of first.entries()) {
    const gold = table.gold(row);
    if (gold === 0 || !isRepeated[problem]) continue;
    const other = golds.get(problem) ?? row;
    golds.set(problem, other);
    if (table.gold(other) === gold) continue;
    const reason = `Its gold answer is “${table.goldText(row)}”, that of ${table.id(other)} “${table.goldText(other)}”.`;
    yield [row, 'golds-disagree', reason, other];
  }
}

/** By row, whether it is the first of several with its problem. */
function repeatedOf(first: Uint32Array): Uint8Array {
  const isRepeated = new Uint8Array(first.length);
  for (const [row, problem] of first.entries()) if (problem !== row) isRepeated[problem] = 1;
  return isRepeated;
}

/** Replies whose answer is not the most frequent one of their problem. */
function* answerDisagreements(table: RowTable, first: Uint32Array): Generator<Found> {
  const isRepeated = repeatedOf(first);
  /** By problem and answer: how often, and the first row with it. */
  const answers = new Map<number, Map<number, { times: number; row: number }>>();
  for (const [row, problem] of first.entries()) {
    const answer = answerOf(table, row);
    if (answer === 0 || !isRepeated[problem]) continue;
    const counts = answers.get(problem) ?? new Map<number, { times: number; row: number }>();
    const count = counts.get(answer) ?? { times: 0, row };
    count.times += 1;
    counts.set(answer, count);
    answers.set(problem, counts);
  }
  for (const [row, problem] of first.entries()) {
    const [counts, answer] = [answers.get(problem), answerOf(table, row)];
    if (!counts || counts.size < 2 || answer === 0) continue;
    const [most, { times, row: other }] = [...counts].reduce((a, b) => (b[1].times > a[1].times ? b : a));
    if (answer === most) continue;
    const all = [...counts.values()].reduce((sum, count) => sum + count.times, 0);
    const reason = `It ends with “${table.answerText(row)}”, and ${formatCount(times)} of ${plural(all, 'reply', 'replies')} with “${table.answerText(other)}”.`;
    yield [row, 'answers-disagree', reason, problem];
  }
}

/** The answer of a row; a correct one is the gold answer, however it is spelled. */
function answerOf(table: RowTable, row: number): number {
  return table.outcome(row) === 'correct' ? table.gold(row) : table.answer(row);
}

/** Replies that do not mark their answer where nearly all do: they end before it. */
function* unstated(table: RowTable): Generator<Found> {
  const isSuspect = (row: number): boolean => !UNSTATED.some((finding) => table.isFound(row, finding));
  let [all, stated] = [0, 0];
  for (const row of repliesOf(table)) {
    if (!isSuspect(row)) continue;
    all += 1;
    if (table.has(row, FLAG.stated)) stated += 1;
  }
  if (all < FEWEST_REPLIES || stated < CONVENTION * all) return;
  const share = Math.floor((100 * stated) / all);
  for (const row of repliesOf(table)) {
    if (table.has(row, FLAG.stated) || !isSuspect(row) || table.outcome(row) === 'correct') continue;
    yield [row, 'truncated', `It marks no final answer, and ${share} % of the replies do.`];
  }
}

const UNSTATED: readonly FindingId[] = ['truncated', 'loop', 'refusal', 'not-examined'];

function* outliers(table: RowTable): Generator<Found> {
  const lengths = Float64Array.from(repliesOf(table), (row) => Math.log(1 + table.tokens(row))).sort();
  if (lengths.length < FEWEST_REPLIES) return;
  const [low, high] = [quantile(lengths, 0.25), quantile(lengths, 0.75)];
  const fence = FENCES * Math.max(NARROWEST, high - low);
  for (const row of repliesOf(table)) {
    const length = Math.log(1 + table.tokens(row));
    if (length >= low - fence && length <= high + fence) continue;
    const median = Math.round(Math.exp(quantile(lengths, 0.5)) - 1);
    yield [
      row,
      'length-outlier',
      `It has ${plural(table.tokens(row), 'token')}; the median is ${formatCount(median)}.`,
    ];
  }
}

/** The value at a share of a sorted list. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function indicesOf(table: RowTable, isOne: (row: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < table.length; row += 1) if (isOne(row)) rows.push(row);
  return Uint32Array.from(rows);
}
