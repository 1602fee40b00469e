import { present } from '../../core/defined.ts';
import type { GradingCounts } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { ENGLISH, type L10n } from '../../core/text/l10n.ts';
import { cell, code, plain, table } from '../../core/text/markdown.ts';
import type { RegradeResult } from '../../protocol/rework.ts';
import type { VerbResult } from '../index.ts';

type Result = VerbResult<'compare-gradings'>;
type Flip = Result['listed'][number];

/** The title, and the line about flips that are not listed. */
interface Frame {
  title: string;
  unlisted: (count: number) => string;
}

const OF_COMMAND_LINE: Frame = {
  title: 'Two gradings',
  unlisted: (count) => `… and ${formatCount(count)} more; --limit shows them.`,
};

/** What flipped between two gradings, as Markdown for a person. */
export function comparisonText(result: Result, { title, unlisted }: Frame = OF_COMMAND_LINE): string {
  const { a, b, rows, flipped, flips, listed, matchedBy, onlyA, onlyB, otherGold } = result;
  const notes = [
    onlyA > 0 ? `${plural(onlyA, 'row is', 'rows are')} only in A.` : '',
    onlyB > 0 ? `${plural(onlyB, 'row is', 'rows are')} only in B.` : '',
    otherGold > 0 ? `${plural(otherGold, 'row has', 'rows have')} another gold in B.` : '',
  ].filter((note) => note !== '');
  const kinds = Object.entries(flips).sort(([, x], [, y]) => y - x);
  return [
    `# ${title}`,
    `- A: ${code(a)}\n- B: ${code(b)}`,
    `${plural(rows, 'row')}, matched by ${matchedBy}: ${formatCount(rows - flipped)} with the same verdict, ${formatCount(flipped)} flipped. ${notes.join(' ')}`.trim(),
    ...(kinds.length > 0
      ? [
          table(
            ['A → B', 'rows'],
            kinds.map(([kind, count]) => [cell(plain(kind)), count]),
          ),
        ]
      : []),
    ...kinds.flatMap(([kind]) =>
      section(
        kind,
        listed.filter((flip) => kindOf(flip) === kind),
      ),
    ),
    ...(listed.length < flipped ? [unlisted(flipped - listed.length)] : []),
  ].join('\n\n');
}

function kindOf({ a, b }: Flip): string {
  return `${a.verdict} → ${b.verdict}`;
}

function section(kind: string, flips: readonly Flip[]): string[] {
  return flips.length === 0 ? [] : [`## ${plain(kind)}`, ...flips.map(entry)];
}

function entry({ id, gold, otherGold, prediction, a, b }: Flip): string {
  return [
    `**${plain(id)}** gold ${code(gold)}${otherGold === undefined ? '' : `, in B ${code(otherGold)}`}`,
    `- A ${side(a)}`,
    `- B ${side(b)}`,
    ...(prediction === undefined ? [] : [`- prediction ${code(prediction)}`]),
  ].join('\n');
}

function side({ verdict, extracted, method, detail }: Flip['a']): string {
  const found = extracted === undefined ? 'nothing extracted' : `extracted ${code(extracted)}`;
  const by = method === undefined ? '' : `, by ${plain(method)}`;
  return `${plain(verdict)}: ${found}${by}${detail === undefined ? '' : `. ${plain(detail)}`}`;
}

/** Whether a regrading changes nothing. */
export function isUnchanged({ flips, passedBefore, passedAfter }: GradingCounts): boolean {
  const kinds = [flips.answers, flips.chains, flips.classes].flatMap((each) => Object.keys(each));
  return kinds.length === 0 && passedBefore === passedAfter;
}

/** The result of a regrading, for the terminal and the editor. */
export function formatRegraded(result: RegradeResult, l10n: L10n = ENGLISH): string {
  const { t, count, counted } = l10n;
  const { answers, chains, flips, passedBefore, passedAfter, policy, applied, missing } = result;
  const flipped = [
    count(total(flips.answers)),
    counted(answers, '{0} answer', '{0} answers'),
    formatKinds(flips.answers, l10n),
    count(total(flips.chains)),
    counted(chains, '{0} chain', '{0} chains'),
    formatKinds(flips.chains, l10n),
  ];
  const changes = [
    t('Changed classes: {0}.', count(total(flips.classes))),
    t('Chains that pass the filters: {0} → {1}.', count(passedBefore), count(passedAfter)),
  ];
  return present(
    ...(isUnchanged(result)
      ? [t('With “{0}”, no verdict would flip (answers: {1}, chains: {2}).', policy, count(answers), count(chains))]
      : applied
        ? [t('Graded by “{0}” now: {1} of {2} flipped{3}, and {4} of {5}{6}.', policy, ...flipped), ...changes]
        : [t('With “{0}”, {1} of {2} would flip{3}, and {4} of {5}{6}.', policy, ...flipped), ...changes]),
    missing > 0 && t('Missing problems: {0}. Their answers keep their verdicts.', count(missing)),
  ).join(' ');
}

/** ` (10 incorrect → correct, 2 correct → incorrect)`, the most frequent first; empty without flips. */
export function formatKinds(flips: Readonly<Record<string, number>>, { t, count }: L10n): string {
  const sorted = Object.entries(flips).sort(([, a], [, b]) => b - a);
  const parts = sorted.map(([kind, times]) => `${count(times)} ${kind.replace(/\bnone\b/g, t('not graded'))}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** The sum of counts. */
export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
