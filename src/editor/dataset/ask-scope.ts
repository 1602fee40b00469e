import type { ProblemRow } from '../../store/index.ts';
import { count } from '../ui/format.ts';
import type { StepUi } from '../ui/steps.ts';

/** The number of chains of each round. @param rounds Listed first, also without chains. */
export function roundSizes(chains: readonly { round: string }[], rounds: readonly string[] = []): Map<string, number> {
  const sizes = new Map(rounds.map((round) => [round, 0]));
  for (const { round } of chains) sizes.set(round, (sizes.get(round) ?? 0) + 1);
  return sizes;
}

/** Asks which rounds, until at least one is selected. @returns Undefined for all rounds. */
export async function askRounds(
  ui: StepUi,
  sizes: ReadonlyMap<string, number>,
  before: readonly string[] | undefined,
  placeholder: string,
): Promise<string[] | undefined> {
  for (;;) {
    const rounds = await ui.pickMany({
      placeholder,
      choices: [...sizes].map(([value, size]) => ({
        label: value,
        description: count(size),
        value,
        picked: before?.includes(value) ?? true,
      })),
    });
    if (rounds.length > 0) return rounds.length < sizes.size ? rounds : undefined;
  }
}

/** The number of problems of each level or topic, sorted by name. */
export function problemCounts(
  problems: readonly ProblemRow[],
  what: 'levels' | 'topics',
  language: string,
): [value: string, count: number][] {
  const sizes = new Map<string, number>();
  for (const { level, topic } of problems) {
    const value = what === 'levels' ? level?.toString() : topic;
    if (value !== undefined) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  }
  const { compare } = new Intl.Collator(language, { numeric: true });
  return [...sizes].sort(([a], [b]) => compare(a, b));
}

/** The chains that the argument of a command names; undefined if it names none. */
export function chainsOf(what: unknown): ReadonlySet<string> | undefined {
  if (typeof what !== 'object' || what === null || !('chains' in what) || !Array.isArray(what.chains)) return undefined;
  return new Set(what.chains.filter((id) => typeof id === 'string'));
}
