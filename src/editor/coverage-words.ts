import type { SamplingSummary } from '../core/model/index.ts';
import type { Speech } from './commands/grading-words.ts';

/** What a sampling round did to coverage and difficulty, a sentence each: of its own problems, by the answers of its model in all rounds. */
export function coverageWords({ covered, buckets }: SamplingSummary, problems: number, { t, count }: Speech): string[] {
  const bounds = ({ from, to }: SamplingSummary['buckets'][number]): string =>
    from === undefined || to === undefined ? t('never sampled') : `${from} – ${to}`;
  const moved = buckets.filter(({ before, after }) => before > 0 || after > 0);
  const parts = moved.map((bucket) => `${bounds(bucket)}: ${count(bucket.before)} → ${count(bucket.after)}`);
  return [
    t(
      'Problems with a correct answer, in any round: {0} → {1} of {2}',
      ...[covered.before, covered.after, problems].map(count),
    ),
    ...(parts.length === 0 ? [] : [t('Problems by pass rate: {0}', parts.join(', '))]),
  ];
}
