import type { VerbResult } from '../../protocol/verbs.ts';
import { refilterTotals } from '../../verbs/refilter-text.ts';
import type { Speech } from './grading-words.ts';

type Found = VerbResult<'refilter'>;

/** What filtering again would change, for a notification. */
export function refilterFound(found: Found, l10n: Speech): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(found);
  if (changed === 0) return l10n.t('Nothing would change: {0} chains keep what the filters said.', l10n.count(chains));
  const moved = found.filters
    .filter(({ rejected, passed }) => rejected + passed > 0)
    .map(({ id, rejected, passed }) => `${id} +${l10n.count(rejected)} −${l10n.count(passed)}`);
  return [
    l10n.t(
      '{0} of {1} chains would pass; {2} do now. {3} would be newly rejected, {4} newly pass.',
      ...[passedAfter, chains, passedBefore, found.rejected, found.passed].map((count) => l10n.count(count)),
    ),
    ...(moved.length === 0 ? [] : [l10n.t('By filter: {0}.', moved.join(', '))]),
    ...(quotaBefore === quotaAfter
      ? []
      : [l10n.t('Left out by quota or selection: {0}, now {1}.', l10n.count(quotaAfter), l10n.count(quotaBefore))]),
    l10n.t('{0} chains would get new results; their texts and reviews stay.', l10n.count(changed)),
  ].join(' ');
}

/** What was written. */
export function refilterApplied(done: Found, l10n: Speech): string {
  const { changed, passedAfter, chains, quotaAfter } = refilterTotals(done);
  return l10n.t(
    '{0} chains have new results. {1} of {2} pass the filters, {3} of them are left out by quota or selection.',
    ...[changed, passedAfter, chains, quotaAfter].map((count) => l10n.count(count)),
  );
}
