import { defined } from '../../core/defined.ts';
import { formatCount } from '../../core/text/format.ts';
import type { VerbContext } from '../context.ts';
import type { Print, Run, VerbResult } from '../index.ts';
import { type GradedItem, type GradedSource, openGraded } from './graded-source.ts';
import { comparisonText } from './print.ts';

const EVERY_MS = 100;

export const run: Run<'compare-gradings'> = async ({ a, b, limit, ...keys }, context) => {
  const [left, right] = [await openGraded(a, keys, context.log), await openGraded(b, keys, context.log)];
  const byId = (await hasIds(left)) && (await hasIds(right));
  const tally = new Comparison(limit, context);
  if (byId) await matchById(left, right, tally);
  else await matchByOrder(left, right, tally);
  return { a, b, matchedBy: byId ? 'id' : 'order', ...tally.result };
};

export const print: Print<'compare-gradings'> = (result) => comparisonText(result);

/** Whether every row has an id of its own. */
async function hasIds(source: GradedSource): Promise<boolean> {
  const seen = new Set<string>();
  for await (const { id } of source()) {
    if (id === undefined || seen.has(id)) return false;
    seen.add(id);
  }
  return seen.size > 0;
}

/** Holds the rows of one side in memory. */
async function matchById(left: GradedSource, right: GradedSource, tally: Comparison): Promise<void> {
  const waiting = new Map<string, GradedItem>();
  for await (const item of left()) waiting.set(item.id ?? '', item);
  for await (const item of right()) {
    const other = waiting.get(item.id ?? '');
    waiting.delete(item.id ?? '');
    if (other) tally.pair(other, item, item.id ?? '');
    else tally.onlyB += 1;
  }
  tally.onlyA = waiting.size;
}

async function matchByOrder(left: GradedSource, right: GradedSource, tally: Comparison): Promise<void> {
  const rest = right();
  let row = 0;
  for await (const item of left()) {
    row += 1;
    const other = await rest.next();
    if (other.done) tally.onlyA += 1;
    else tally.pair(item, other.value, `row ${row}`);
  }
  for await (const _ of rest) tally.onlyB += 1;
}

type Result = Omit<VerbResult<'compare-gradings'>, 'a' | 'b' | 'matchedBy'>;

class Comparison {
  onlyA = 0;
  onlyB = 0;
  readonly #limit: number;
  readonly #context: VerbContext;
  readonly #flips: Record<string, number> = {};
  readonly #listed: Result['listed'] = [];
  #rows = 0;
  #flipped = 0;
  #otherGold = 0;
  #shown = 0;

  constructor(limit: number, context: VerbContext) {
    this.#limit = limit;
    this.#context = context;
  }

  pair(a: GradedItem, b: GradedItem, id: string): void {
    this.#context.signal.throwIfAborted();
    this.#rows += 1;
    if (a.gold !== b.gold) this.#otherGold += 1;
    if (performance.now() - this.#shown > EVERY_MS) {
      this.#shown = performance.now();
      this.#context.progress({ done: this.#rows, unit: 'rows', message: `${formatCount(this.#flipped)} flipped` });
    }
    if (a.verdict === b.verdict) return;
    this.#flipped += 1;
    const kind = `${a.verdict} → ${b.verdict}`;
    this.#flips[kind] = (this.#flips[kind] ?? 0) + 1;
    if (this.#listed.length >= this.#limit) return;
    const prediction = b.prediction ?? a.prediction;
    this.#listed.push({
      id,
      gold: a.gold,
      ...(b.gold === a.gold ? {} : { otherGold: b.gold }),
      ...defined({ prediction }),
      a: sideOf(a),
      b: sideOf(b),
    });
  }

  get result(): Result {
    return {
      rows: this.#rows,
      flipped: this.#flipped,
      flips: this.#flips,
      onlyA: this.onlyA,
      onlyB: this.onlyB,
      otherGold: this.#otherGold,
      listed: this.#listed,
    };
  }
}

function sideOf({ verdict, extracted, method, detail }: GradedItem): Result['listed'][number]['a'] {
  return {
    verdict,
    ...defined({ extracted, method, detail }),
  };
}
