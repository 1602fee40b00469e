import { html, nothing, svg, type TemplateResult } from 'lit';
import { BEHAVIOURS, CLASS_NAMES, type Decision } from '../../src/core/schemas/index.ts';
import { formatCount, formatDuration, formatPercent, plural } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ReadFile, ReviewItem, ShownFilter } from '../../src/protocol/review.ts';
import type { Announcer } from '../ui/announcer.ts';
import { roundTitle } from '../ui/format.ts';
import { keyOf, LABEL_ACTIONS, worksWithoutChain } from './keys.ts';
import type { ReaderModel } from './model.ts';

type Perform = (action: ReviewAction) => void;

interface HeadActs {
  toggleFacts(): void;
  outline(): void;
  filter(): void;
  /** Of a file. */
  chooseColumns(): void;
  goToRow(): void;
  makeDataset(): void;
  removeFilter(filter: ShownFilter): void;
}

/** The chain and the progress of the queue, and below them the filters of the queue. */
export function headerView(model: ReaderModel, acts: HeadActs): TemplateResult {
  const { toggleFacts, outline, filter, removeFilter } = acts;
  const { item, counts, pace, position, total, filters, file } = model;
  const { accepted, rejected, skipped, pending } = counts;
  const reviewed = accepted + rejected + skipped;
  const all = reviewed + pending;
  const place =
    file === undefined
      ? `chain ${formatCount(position)} of ${formatCount(total)}`
      : `of ${plural(file.rows, 'row')}${file.searched < 1 ? ' so far' : ''}`;
  return html`<div class="head">
    <h1 class="spoken">Review</h1>
    <button type="button" class="head-button facts-toggle" @click=${toggleFacts} aria-controls="facts" aria-expanded="false">Facts</button>
    ${
      item === null
        ? nothing
        : html`<strong class="problem-id" title=${item.chain.id}>${item.problem.id}</strong>
          <span class="round">${roundTitle(item.chain.round)}</span>
          <span class="chip">${position === 0 && file === undefined ? 'outside the filter' : place}</span>
          ${classChip(item.chain.class)} ${decisionChip(item.state.decision)}
          ${overruledChip(item)}
          ${item.state.edited ? html`<span class="chip">edited</span>` : nothing}`
    }
    <span class="grow"></span>
    <button type="button" class="head-button" ?disabled=${item === null} @click=${outline} aria-haspopup="dialog" title="Outline of the trace  ${keyOf('outline')}">Outline</button>
    ${
      file === undefined
        ? html`<button type="button" class="head-button" @click=${filter} aria-haspopup="dialog" title="Filter chains  ${keyOf('filter')}">Filter</button>`
        : nothing
    }
    <span class="reviewed">${formatCount(reviewed)} of ${formatCount(all)} reviewed</span>
    ${pace === undefined ? nothing : html`<span class="pace">${formatCount(pace.perHour)} per hour, ${formatDuration(pace.left)} left</span>`}
    ${bar(all === 0 ? 0 : reviewed / all)}
    <span class="counts">${formatCount(accepted)} accepted · ${formatCount(rejected)} rejected · ${formatCount(skipped)} skipped</span>
    </div>
    ${filters.length === 0 ? nothing : filterRow(model, removeFilter)}
    ${file === undefined || file.rows === 0 ? nothing : fileRow(file, acts)}`;
}

/** How the file is read, and what can be done with it. */
function fileRow({ columns, searched }: ReadFile, acts: HeadActs): TemplateResult {
  const { filter, chooseColumns, goToRow, makeDataset } = acts;
  return html`<div class="head filter-row" role="group" aria-label="File">
    <span class="dim file-columns" title=${columns ?? ''}>${columns === undefined ? 'The columns are unknown' : `Columns: ${columns}`}</span>
    <button type="button" class="head-button" @click=${filter} title="Chains of the file as a table  ${keyOf('filter')}">Table</button>
    <button type="button" class="head-button" @click=${chooseColumns}>Choose Columns…</button>
    <button type="button" class="head-button" @click=${goToRow}>Go to Row…</button>
    <button type="button" class="head-button" @click=${makeDataset}>Make Dataset…</button>
    ${searched < 1 ? html`<span class="dim" role="status">Counting rows: ${formatPercent(searched, 0)}</span>` : nothing}
  </div>`;
}

function filterRow({ filters, total, all }: ReaderModel, remove: HeadActs['removeFilter']): TemplateResult {
  return html`<div class="head filter-row" role="group" aria-label="Filters">
    ${filters.map(
      (filter) => html`<span class="chip filter-chip"
        ><span class="filter-label" title=${filter.label}>${filter.label}</span
        ><button type="button" aria-label="Remove filter ${filter.label}" title="Remove filter" @click=${() => remove(filter)}>×</button></span
      >`,
    )}
    <span class="dim">${filters.length > 1 ? `${plural(filters.length, 'filter')} · ` : ''}${formatCount(total)} of ${plural(all, 'chain')} match</span>
  </div>`;
}

/** Why the reader has no chain to show, and what to do. */
export function emptyText({
  filters,
  total,
  all,
  file,
}: Pick<ReaderModel, 'filters' | 'total' | 'all'> & { file?: ReadFile | undefined }): string {
  if (file?.trouble !== undefined) return file.trouble;
  if (file !== undefined) {
    return total > 0 ? `This row can’t be read. Press ${keyOf('next')} for the next one.` : 'This file has no rows.';
  }
  if (total > 0) return `This chain can’t be read. Press ${keyOf('next')} for the next one.`;
  if (all === 0) return 'This dataset has no chains yet. Generate chains, or import traces.';
  const round =
    filters.length === 1 ? filters.find(({ clause: { field, not } }) => field === 'round' && !not) : undefined;
  return round === undefined
    ? `None of ${plural(all, 'chain')} matches. Remove a filter to see more.`
    : `Round ${round.clause.values.join(', ')} has no chains. Show Round in the palette explains why. New chains appear here while the round runs.`;
}

export function classChip(name: keyof typeof CLASS_NAMES | undefined): TemplateResult | typeof nothing {
  return name === undefined
    ? nothing
    : html`<span class="chip class-${name}">${name}<span class="chip-words"> · ${CLASS_NAMES[name]}</span></span>`;
}

export function decisionChip(decision: Decision): TemplateResult | typeof nothing {
  return decision === 'pending' ? nothing : html`<span class="chip decision-${decision}">${decision}</span>`;
}

function overruledChip({ chain, state }: ReviewItem): TemplateResult | typeof nothing {
  const outcome = state.override?.outcome;
  return outcome === undefined || outcome === chain.verdict.outcome
    ? nothing
    : html`<span class="chip">overruled<span class="chip-words"> · ${outcome}</span></span>`;
}

function bar(share: number): TemplateResult {
  return html`<svg class="bar" aria-hidden="true">
    <rect class="bar-track" width="100%" height="100%" rx="2"></rect>
    ${svg`<rect class="bar-done" width=${shareLength(share)} height="100%" rx="2"></rect>`}
  </svg>`;
}

export function footerView(
  model: ReaderModel,
  { quiet, question }: Pick<Announcer, 'quiet' | 'question'>,
  perform: Perform,
): TemplateResult {
  const none = model.item === null;
  const keyButton = (action: ReviewAction, label: string, look = '') => html`
    <button type="button" class="key-button ${look}" ?disabled=${none && !worksWithoutChain(action, model.total)} @click=${() => perform(action)}>
      <kbd aria-hidden="true">${keyOf(action)}</kbd><span class="words">${label}</span>
    </button>`;
  return html`
    ${keyButton('accept', 'Accept', 'primary')} ${keyButton('reject', 'Reject…')} ${keyButton('edit', 'Edit', 'brief')}
    ${keyButton('undo', 'Undo', 'brief')}
    ${keyButton('previous', 'Previous', 'brief')} ${keyButton('next', 'Next', 'brief')}
    ${question}
    <span class="legend">
      <span class="legend-words">label selection</span>
      ${BEHAVIOURS.map(
        (kind) => html`<button type="button" class="legend-key" ?disabled=${none}
          @mousedown=${(event: Event) => event.preventDefault()}
          @click=${() => perform(LABEL_ACTIONS[kind])}><kbd aria-hidden="true">${keyOf(LABEL_ACTIONS[kind])}</kbd>${kind}</button>`,
      )}
    </span>
    <span class="grow">${quiet}</span>
    <button type="button" class="key-button bare" @click=${() => perform('help')}><kbd aria-hidden="true">${keyOf('help')}</kbd><span class="spoken">Keyboard sheet</span></button>
  `;
}

/** Why a chain can't be compared. @param isFile It is of a file that belongs to no dataset. */
export function onlySample(isFile: boolean): string {
  if (!isFile) return 'This is the only sample of the problem.';
  return 'Only traces of one row can be compared in a file, and this row has one. Make a dataset of the file to compare rows.';
}
