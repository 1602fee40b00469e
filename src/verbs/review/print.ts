import { present } from '../../core/defined.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { RefilterResult } from '../../protocol/rework.ts';
import { code } from '../grading/print.ts';

/** Sums over the rounds. */
export function refilterTotals({ rounds }: RefilterResult) {
  const sum = (key: Exclude<keyof RefilterResult['rounds'][number], 'round'>): number =>
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
export function formatRefilter(result: RefilterResult): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const moved = result.filters.filter(({ rejected, passed }) => rejected + passed > 0);
  const written = result.applied
    ? `Written into the rounds: new results of ${plural(changed, 'chain')}.`
    : `Nothing was changed; --apply writes the new results of ${plural(changed, 'chain')} into the rounds.`;
  return present(
    `${plural(chains, 'chain')} filtered again in ${result.seconds.toFixed(1)} s. Passed: ${formatCount(passedBefore)} before, ${formatCount(passedAfter)} now (${formatCount(result.rejected)} newly filtered out, ${formatCount(result.passed)} newly passed). Filtered out by quota or selection: ${formatCount(quotaBefore)} before, ${formatCount(quotaAfter)} now.`,
    ...moved.map(({ id, before, after, rejected, passed, newlyRejected, newlyPassed }) => {
      const shown = [...newlyRejected.map((chain) => `+ ${chain}`), ...newlyPassed.map((chain) => `- ${chain}`)];
      const more = rejected + passed > shown.length || shown.length > SHOWN ? ', …' : '';
      return `  ${id.padEnd(20)}filters out ${formatCount(after)} (${formatCount(before)} before; +${formatCount(rejected)} −${formatCount(passed)}): ${shown.slice(0, SHOWN).join(', ')}${more}`;
    }),
    result.missing > 0 &&
      `${plural(result.missing, 'problem is', 'problems are')} missing; filters that use ${result.missing === 1 ? 'it' : 'them'} were not applied.`,
    written,
  ).join('\n');
}

const SHOWN = 5;

/** The same as a Markdown page, with the ids. */
export function refilterPage(result: RefilterResult): string {
  const { passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(result);
  const off = result.settings.off.length === 0 ? '' : ` Switched off: ${result.settings.off.join(', ')}.`;
  return [
    '# What filtering again changes',
    `${plural(passedBefore, 'chain')} passed before, ${formatCount(passedAfter)} now. Filtered out by quota or selection: ${formatCount(quotaBefore)} before, ${formatCount(quotaAfter)} now.${off}`,
    table(
      ['filter', 'filtered out before', 'filtered out now', 'newly filtered out', 'newly passed'],
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
      ...section(`${id}: newly filtered out`, rejected, newlyRejected),
      ...section(`${id}: newly passed`, passed, newlyPassed),
    ]),
    '',
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? formatCount(cell) : cell)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function section(title: string, count: number, ids: readonly string[]): string[] {
  if (count === 0) return [];
  const more = count > ids.length ? [`- … and ${formatCount(count - ids.length)} more`] : [];
  return [`## ${title} (${formatCount(count)})`, [...ids.map((id) => `- ${code(id)}`), ...more].join('\n')];
}
