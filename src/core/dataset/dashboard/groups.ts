import type { Tally } from '../../sampling/index.ts';

/** Rows of the heat map at most; a larger dataset has several problems in a row. */
const MOST_ROWS = 40;

interface PassCell {
  round: string;
  attempts: number;
  successes: number;
}

/**
 * Problems in groups of equal size by their pass rate over all rounds, hardest first, with the graded answers of each round. Problems without graded
 * answers are not in it.
 * @param rounds The tallies by problem of each round.
 */
export function passGroups(
  rounds: ReadonlyMap<string, ReadonlyMap<string, Pick<Tally, 'attempts' | 'successes'>>>,
): { problems: string[]; cells: PassCell[] }[] {
  const totals = new Map<string, { attempts: number; successes: number }>();
  for (const tallies of rounds.values()) {
    for (const [problem, { attempts, successes }] of tallies) {
      if (attempts === 0) continue;
      const before = totals.get(problem) ?? { attempts: 0, successes: 0 };
      totals.set(problem, { attempts: before.attempts + attempts, successes: before.successes + successes });
    }
  }
  const rate = ({ attempts, successes }: { attempts: number; successes: number }): number => successes / attempts;
  const sorted = [...totals].sort(([a, one], [b, other]) => rate(one) - rate(other) || (a < b ? -1 : 1));
  const size = Math.max(1, Math.ceil(sorted.length / MOST_ROWS));
  const groups = Array.from({ length: Math.ceil(sorted.length / size) }, (_, i) =>
    sorted.slice(i * size, (i + 1) * size).map(([problem]) => problem),
  );
  return groups.map((problems) => ({
    problems,
    cells: [...rounds].flatMap(([round, of]) => cellOf(round, problems, of)),
  }));
}

function cellOf(
  round: string,
  problems: readonly string[],
  tallies: ReadonlyMap<string, Pick<Tally, 'attempts' | 'successes'>>,
): PassCell[] {
  const found = problems.flatMap((problem) => tallies.get(problem) ?? []);
  const attempts = found.reduce((sum, one) => sum + one.attempts, 0);
  const successes = found.reduce((sum, one) => sum + one.successes, 0);
  return attempts === 0 ? [] : [{ round, attempts, successes }];
}

/** Bins of a length histogram: from 64 tokens in steps of √2, so that short and long chains both have shape. */
const FIRST_EDGE = 64;

/** The number of chains by length in tokens; empty bins between filled ones are in it. */
export function lengthBins(lengths: readonly number[]): { from: number; to: number; chains: number }[] {
  const binOf = (length: number): number =>
    length < FIRST_EDGE ? 0 : 1 + Math.floor(2 * Math.log2(length / FIRST_EDGE) + 1e-9);
  // Lengths are whole: at least the edge is at least the next whole number.
  const edge = (bin: number): number => (bin === 0 ? 0 : Math.ceil(FIRST_EDGE * 2 ** ((bin - 1) / 2) - 1e-9));
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(binOf(length), (counts.get(binOf(length)) ?? 0) + 1);
  const bins = [...counts.keys()];
  const [low, high] = [Math.min(...bins), Math.max(...bins)];
  return bins.length === 0
    ? []
    : Array.from({ length: high - low + 1 }, (_, i) => low + i).map((bin) => ({
        from: edge(bin),
        to: edge(bin + 1),
        chains: counts.get(bin) ?? 0,
      }));
}
