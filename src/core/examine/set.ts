import { defined } from '../defined.ts';
import { FLAG } from './examined.ts';
import type { FindingId, RowFinding } from './finding.ts';
import { similarity } from './minhash.ts';
import { nearGroups } from './near-duplicates.ts';
import { type RowTable, repliesOf } from './table.ts';

/** Similarity from which two texts are near duplicates. */
const NEAR = 0.8;
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
        reason,
        ...(group === undefined ? {} : { group: table.id(group) }),
      };
    }
    onStep((i + 1) / steps.length);
  }
}

/** The first row with the problem of each row. */
function firstByProblem(table: RowTable): Uint32Array {
  const seen = new Map<number, number>();
  return Uint32Array.from({ length: table.length }, (_, row) => {
    const problem = table.problem(row);
    const first = problem === 0 ? row : (seen.get(problem) ?? row);
    if (first === row) seen.set(problem, row);
    return first;
  });
}

/** Number of different problems. */
export function countProblems(table: RowTable): number {
  const seen = new Set<number>();
  for (let row = 0; row < table.length; row += 1) if (table.problem(row) !== 0) seen.add(table.problem(row));
  return seen.size;
}

function* exactDuplicates(table: RowTable): Generator<Found> {
  const seen = new Map<number, number>();
  for (let row = 0; row < table.length; row += 1) {
    const [problem, reply] = [table.problem(row), table.reply(row)];
    if (problem === 0 && reply === 0) continue;
    // The sum of two hashes is as good a hash but for one bit. A text would take ten times the memory.
    const key = problem + reply;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, row);
    else yield [row, 'exact-duplicate', `Problem and reply are those of ${table.id(first)}.`, first];
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
  const seen = new Set<number>();
  const rows = indicesOf(table, (row) => {
    const isNew = table.has(row, FLAG.replySigned) && !seen.has(table.reply(row));
    if (isNew) seen.add(table.reply(row));
    return isNew;
  });
  const signatures = table.signatures('reply');
  const groups = nearGroups(signatures, rows, NEAR);
  for (const row of rows) {
    const group = groups[row] ?? row;
    if (group === row) continue;
    yield [
      row,
      'near-duplicate-reply',
      `The reply is nearly that of ${table.id(group)}${alike(signatures, row, group)}.`,
      group,
    ];
  }
}

function alike(signatures: ReturnType<RowTable['signatures']>, a: number, b: number): string {
  const [left, right] = [signatures.at(a), signatures.at(b)];
  const share = similarity(left.values, left.from, right.values, right.from);
  return share < NEAR ? ', by way of another' : ` (similarity ${share.toFixed(2)})`;
}

function* goldDisagreements(table: RowTable, first: Uint32Array): Generator<Found> {
  const golds = new Map<number, number>();
  for (let row = 0; row < table.length; row += 1) {
    const [problem, gold] = [first[row] ?? row, table.gold(row)];
    if (gold === 0) continue;
    const other = golds.get(problem) ?? row;
    golds.set(problem, other);
    if (table.gold(other) === gold) continue;
    const texts = [gold, table.gold(other)].map((number) => `“${table.text(number)}”`);
    yield [row, 'golds-disagree', `Its gold answer is ${texts[0]}, that of ${table.id(other)} ${texts[1]}.`, other];
  }
}

/** Replies whose answer is not the most frequent one of their problem. */
function* answerDisagreements(table: RowTable, first: Uint32Array): Generator<Found> {
  const isRepeated = new Uint8Array(table.length);
  for (let row = 0; row < table.length; row += 1) if (first[row] !== row) isRepeated[first[row] ?? row] = 1;
  const answers = new Map<number, Map<number, number>>();
  for (let row = 0; row < table.length; row += 1) {
    const [problem, answer] = [first[row] ?? row, answerOf(table, row)];
    if (answer === 0 || !isRepeated[problem]) continue;
    const counts = answers.get(problem) ?? new Map<number, number>();
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
    answers.set(problem, counts);
  }
  for (let row = 0; row < table.length; row += 1) {
    const [counts, answer] = [answers.get(first[row] ?? row), answerOf(table, row)];
    if (!counts || counts.size < 2 || answer === 0) continue;
    const [most, times] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (answer === most) continue;
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const reason = `It ends with “${table.text(answer)}”, and ${times} of ${all} replies with “${table.text(most)}”.`;
    yield [row, 'answers-disagree', reason, first[row] ?? row];
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
    yield [row, 'length-outlier', `It has ${table.tokens(row)} tokens; the median is ${median}.`];
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
