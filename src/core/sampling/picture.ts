import { formatCount } from '../text/format.ts';
import { svgNumber as digits, svgEscaped, svgText as text } from '../text/svg.ts';
import { type Bounds, bucketName } from './buckets.ts';

/** Difficulty in one round, or in all rounds together. */
export interface PictureRow {
  title: string;
  covered: { before: number; after: number };
  before: readonly (Bounds & { problems: number })[];
  after: readonly (Bounds & { problems: number })[];
}

const WIDTH = 760;
const LEFT = 16;
const BARS = 110;
const HEAD = 54;
const FOOT = 40;
const ROW = HEAD + BARS + FOOT;
const TOP = 34;

/**
 * Difficulty before and after each round as an SVG: an outlined bar (before) and a filled one (after) for every bucket. Colours are
 * `currentColor` and editor variables with fallbacks for light and dark, so that it works in a page, a README and a webview.
 */
export function difficultyPicture(title: string, rows: readonly PictureRow[]): string {
  const height = TOP + rows.length * ROW;
  const label = [
    title,
    ...rows.map(({ title: name, covered }) => `${name}: covered ${covered.before}, then ${covered.after}`),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${svgEscaped(label.join('. '))}">`,
    `<style>${STYLE}</style>`,
    text(LEFT, 20, 'title', title),
    ...rows.flatMap((row, i) => rowParts(row, TOP + i * ROW)),
    '</svg>\n',
  ].join('\n');
}

/** Outside the editor, the system's light or dark setting applies. */
const STYLE = [
  'svg{color:var(--vscode-foreground,#3b3b3b);font:12px var(--vscode-font-family,system-ui,sans-serif)}',
  '@media (prefers-color-scheme:dark){svg{color:var(--vscode-foreground,#cccccc)}}',
  'text{fill:currentColor}.title{font-size:14px;font-weight:600}.name{font-weight:600}.middle{text-anchor:middle}',
  '.before{fill:none;stroke:currentColor;stroke-opacity:.65;stroke-dasharray:3 2}.after{fill:var(--vscode-charts-blue,#3794ff)}',
  '.axis{stroke:currentColor;stroke-opacity:.5}',
].join('');

function rowParts({ title, covered, before, after }: PictureRow, top: number): string[] {
  const most = Math.max(1, ...[...before, ...after].map(({ problems }) => problems));
  const step = (WIDTH - 2 * LEFT) / Math.max(1, after.length);
  const base = top + HEAD + BARS;
  const bar = (kind: 'before' | 'after', problems: number, x: number): string[] => {
    const height = (problems / most) * BARS;
    const width = step * 0.36;
    return [
      `<rect class="${kind}" x="${digits(x)}" y="${digits(base - height)}" width="${digits(width)}" height="${digits(height)}"/>`,
      text(x + width / 2, base - height - 4, 'middle', formatCount(problems)),
    ];
  };
  return [
    text(LEFT, top + 16, 'name', title),
    text(
      LEFT,
      top + 32,
      '',
      `Problems with a correct answer: ${formatCount(covered.before)} before (dashed), ${formatCount(covered.after)} after (filled)`,
    ),
    ...after.flatMap((bucket, i) => {
      const x = LEFT + i * step;
      return [
        ...bar('before', before[i]?.problems ?? 0, x + step * 0.12),
        ...bar('after', bucket.problems, x + step * 0.52),
        text(x + step / 2, base + 16, 'middle', bucketName(bucket)),
      ];
    }),
    `<line class="axis" x1="${LEFT}" y1="${base}" x2="${WIDTH - LEFT}" y2="${base}"/>`,
  ];
}
