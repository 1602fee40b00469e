import { html, nothing, type TemplateResult } from 'lit';
import type { ColumnId } from '../../src/core/review/table/columns.ts';
import { formatCount } from '../../src/core/text/format.ts';
import type { ChainTableRow } from '../../src/protocol/chains.ts';

type Cell = TemplateResult | string | typeof nothing;

/** The content of a cell; nothing where the value is unknown. */
export function cellOf(id: ColumnId, row: ChainTableRow): Cell {
  switch (id) {
    case 'problem':
      return html`<span title=${row.problemId ?? row.id}>${row.problem}</span>`;
    case 'verdict':
      return outcome(row.verdict);
    case 'first':
      return outcome(row.first);
    case 'class':
      return row.class === undefined ? nothing : html`<span class="class-${row.class}">${row.class}</span>`;
    case 'tokens':
      return row.tokens === undefined ? nothing : formatCount(row.tokens);
    case 'filters':
    case 'findings':
    case 'tags':
    case 'assigned':
      return row[id]?.join(', ') ?? nothing;
    case 'verification':
    case 'backtracking':
    case 'subgoal':
    case 'backward':
      return row[id]?.toFixed(1) ?? nothing;
    case 'passRate':
      return passRateCell(row.passRate);
    case 'decision':
      return decisionCell(row.decisions);
    case 'edited':
      return row.edited ? 'edited' : nothing;
    default:
      return row[id] ?? nothing;
  }
}

function outcome(value: string | undefined): Cell {
  return value === undefined ? nothing : html`<span class="outcome-${value}">${value}</span>`;
}

function passRateCell(rate: ChainTableRow['passRate']): Cell {
  if (rate === undefined) return nothing;
  const { mean, low, high, attempts, successes } = rate;
  const title = `${formatCount(successes)} of ${formatCount(attempts)} right; 90 % interval`;
  return html`<span title=${title}>${mean.toFixed(2)} <span class="dim">${low.toFixed(2)} – ${high.toFixed(2)}</span></span>`;
}

/** One reviewer's decision without a name where there is only one; the names where there are several. */
function decisionCell(decisions: ChainTableRow['decisions']): Cell {
  const [only, ...others] = decisions;
  if (only === undefined) return nothing;
  if (others.length === 0)
    return html`<span class="decision-${only.decision}" title=${only.reviewer}>${only.decision}</span>`;
  return html`${decisions.map(
    ({ reviewer, decision }, at) =>
      html`${at === 0 ? nothing : ', '}<span class="decision-${decision}">${reviewer}: ${decision}</span>`,
  )}`;
}
