import { formatCount, plural } from '../../core/text/format.ts';
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
    ...(kinds.length > 0 ? [table(kinds)] : []),
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

function table(kinds: readonly [string, number][]): string {
  return [
    '| A → B | rows |',
    '|---|---|',
    ...kinds.map(([kind, count]) => `| ${plain(kind).replaceAll('|', '\\|')} | ${formatCount(count)} |`),
  ].join('\n');
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

/** A text of others as one line that means nothing to Markdown: no emphasis, no link, no picture that a preview would fetch, no HTML. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<&$]|\](?=\()/g, '\\$&');
}

/** A code span of Markdown that holds any text: its fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || line === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}
