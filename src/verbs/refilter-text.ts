import type { VerbResult } from '../protocol/verbs.ts';
import { code } from './comparison-text.ts';

type Result = VerbResult<'refilter'>;

/** Sums over the rounds. */
export function refilterTotals({ rounds }: Result) {
  const sum = (key: Exclude<keyof Result['rounds'][number], 'round'>): number =>
    rounds.reduce((total, round) => total + round[key], 0);
  return {
    chains: sum('chains'),
    changed: sum('changed'),
    passedBefore: sum('passedBefore'),
    passedAfter: sum('passedAfter'),
    quotaBefore: sum('quotaBefore'),
    quotaAfter: sum('quotaAfter'),
  };
}

/** What a refiltering found, for a person at a terminal. */
export function refilterWords(result: Result): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const moved = result.filters.filter(({ rejected, passed }) => rejected + passed > 0);
  const written = result.applied
    ? `${changed} chains have new results in their rounds.`
    : `Nothing was changed; --apply writes the new results of ${changed} chains into the rounds.`;
  return [
    `${chains} chains filtered again in ${result.seconds.toFixed(1)} s. ${passedBefore} passed before, ${passedAfter} now: ${result.rejected} newly rejected, ${result.passed} newly passed. Left out by quota or selection: ${quotaBefore} before, ${quotaAfter} now.`,
    ...moved.map(({ id, before, after, rejected, passed, newlyRejected, newlyPassed }) => {
      const shown = [...newlyRejected.map((chain) => `+ ${chain}`), ...newlyPassed.map((chain) => `- ${chain}`)];
      const more = rejected + passed > shown.length || shown.length > SHOWN ? ', …' : '';
      return `  ${id.padEnd(20)}rejects ${after} (${before} before; +${rejected} −${passed}): ${shown.slice(0, SHOWN).join(', ')}${more}`;
    }),
    ...(result.missing > 0 ? [`${result.missing} problems are gone; filters that look at them did not apply.`] : []),
    written,
  ].join('\n');
}

const SHOWN = 5;

/** The same as a Markdown page, with the ids. */
export function refilterPage(result: Result): string {
  const { passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const off = result.settings.off.length === 0 ? '' : ` Switched off: ${result.settings.off.join(', ')}.`;
  return [
    '# What filtering again changes',
    `${passedBefore} chains passed before, ${passedAfter} now. Left out by quota or selection: ${quotaBefore} before, ${quotaAfter} now.${off}`,
    table(
      ['filter', 'rejected before', 'rejects now', 'newly rejected', 'newly passed'],
      result.filters.map(({ id, before, after, rejected, passed }) => [code(id), before, after, rejected, passed]),
    ),
    table(
      ['round', 'chains', 'passed before', 'pass now', 'results that differ'],
      result.rounds.map(({ round, chains, passedBefore: was, passedAfter: is, changed }) => [
        ...[code(round), chains, was, is, changed],
      ]),
    ),
    ...section('Chains that no longer pass', result.rejected, result.newlyRejected),
    ...section('Chains that pass now', result.passed, result.newlyPassed),
    ...result.filters.flatMap(({ id, rejected, passed, newlyRejected, newlyPassed }) => [
      ...section(`${id}: newly rejected`, rejected, newlyRejected),
      ...section(`${id}: newly passed`, passed, newlyPassed),
    ]),
    '',
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function section(title: string, count: number, ids: readonly string[]): string[] {
  if (count === 0) return [];
  const more = count > ids.length ? [`- … and ${count - ids.length} more`] : [];
  return [`## ${title} (${count})`, [...ids.map((id) => `- ${code(id)}`), ...more].join('\n')];
}
