import { formatPercent } from '../text/format.ts';
import { svgEscaped, svgNumber, svgText } from '../text/svg.ts';
import type { Interval } from './bootstrap.ts';

/** A score with its interval in one or two evaluations; null if unknown. */
export interface ScoreRow {
  name: string;
  values: readonly (Interval | null)[];
}

const WIDTH = 640;
const LEFT = 176;
const RIGHT = 84;
const TOP = 44;
const ROW = 34;
const FOOT = 30;
const BAND = WIDTH - LEFT - RIGHT;

/**
 * Shares from 0 to 100 % with 95 % intervals as an SVG. Of two evaluations, the first is a ring on a dashed line and the second a filled dot.
 * It has a background, because an image follows the system's light or dark setting and not the page's.
 */
export function scoresPicture(title: string, rows: readonly ScoreRow[]): string {
  const height = TOP + rows.length * ROW + FOOT;
  const descriptions = rows.map(
    ({ name, values }) =>
      `${name}: ${values.map((one) => (one ? formatPercent(one.value) : 'unknown')).join(', then ')}`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${svgEscaped([title, ...descriptions].join('. '))}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="4"/>`,
    svgText(16, 24, 'title', title),
    ...grid(rows.length),
    ...rows.flatMap((row, i) => rowParts(row, TOP + i * ROW + ROW / 2)),
    '</svg>\n',
  ].join('\n');
}

const STYLE = [
  'svg{color:var(--vscode-foreground,#3b3b3b);font:12px var(--vscode-font-family,system-ui,sans-serif)}',
  '.ground{fill:var(--vscode-editor-background,#ffffff);stroke:currentColor;stroke-opacity:.3}',
  '@media (prefers-color-scheme:dark){svg{color:var(--vscode-foreground,#cccccc)}.ground{fill:var(--vscode-editor-background,#1f1f1f)}}',
  'text{fill:currentColor}.title{font-size:14px;font-weight:600}.middle{text-anchor:middle}.end{text-anchor:end}',
  '.grid{stroke:currentColor;stroke-opacity:.2}',
  '.whisker{stroke:var(--vscode-charts-blue,#3794ff);stroke-width:2}.dot{fill:var(--vscode-charts-blue,#3794ff)}',
  '.ring{fill:none;stroke:currentColor;stroke-width:2}.dashed{stroke:currentColor;stroke-width:1.5;stroke-dasharray:3 2}',
].join('');

const at = (share: number): number => LEFT + Math.min(1, Math.max(0, share)) * BAND;

function grid(rows: number): string[] {
  const base = TOP + rows * ROW;
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line class="grid" x1="${svgNumber(at(share))}" y1="${TOP}" x2="${svgNumber(at(share))}" y2="${base}"/>`,
    svgText(at(share), base + 18, 'middle', `${100 * share} %`),
  ]);
}

function rowParts({ name, values }: ScoreRow, middle: number): string[] {
  const first = values.length > 1;
  return [
    svgText(LEFT - 12, middle + 4, 'end', name),
    ...values.flatMap((value, i) => {
      const before = first && i === 0;
      const y = middle + (first ? (before ? -6 : 6) : 0);
      return [
        ...(value ? mark(value, y, before) : []),
        svgText(WIDTH - 16, y + 4, 'end', value ? formatPercent(value.value) : 'unknown'),
      ];
    }),
  ];
}

function mark({ value, low, high }: Interval, y: number, before: boolean): string[] {
  const [line, dot] = before ? ['dashed', 'ring'] : ['whisker', 'dot'];
  return [
    `<line class="${line}" x1="${svgNumber(at(low))}" y1="${svgNumber(y)}" x2="${svgNumber(at(high))}" y2="${svgNumber(y)}"/>`,
    `<circle class="${dot}" cx="${svgNumber(at(value))}" cy="${svgNumber(y)}" r="4"/>`,
  ];
}
