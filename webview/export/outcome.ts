import { html, nothing, svg, type TemplateResult } from 'lit';
import { EXPORT_FORMS, type ExportForm } from '../../src/core/export/forms/index.ts';
import { formatLeft } from '../../src/core/export/sources.ts';
import { type ChainWarning, formatWarning } from '../../src/core/export/warnings.ts';
import { formatCompact, formatCount, formatPercent, plural } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { ExportPlan, PreviewRow } from '../../src/protocol/export.ts';
import type { ExportChoices } from '../../src/protocol/export-page.ts';
import type { Change, Post } from './controls.ts';

/** What would be written: numbers, warnings, mix, lengths and the first rows. */
export function outcomeView(report: ExportPlan, choices: ExportChoices, change: Change, post: Post): TemplateResult {
  const { unit } = EXPORT_FORMS[choices.form ?? 'sft'];
  const { trouble, context } = report;
  return html`${tilesView(report)}
  ${[trouble, context].map((one) => (one ? html`<p class="trouble" role="alert">${`${one.message} ${one.advice ?? ''}`.trim()}</p>` : nothing))}
  ${warningsView(report, unit, choices, change, post)} ${leftView(report)} ${mixView(report, unit)}
  ${previewView(report, unit === 'pair' ? ['chosen', 'rejected'] : ['desirable', 'undesirable'])}`;
}

function tilesView({ train, validation, atMost, tokens, median, longest }: ExportPlan): TemplateResult {
  const tile = (value: unknown, label: string, detail: unknown) => html`<div class="tile">
    <dd>${value}</dd>
    <dt>${label}</dt>
    <dd class="detail">${detail}</dd>
  </div>`;
  const mark = tokens.estimated ? '≈ ' : '';
  const share = formatPercent(tokens.trained / Math.max(1, tokens.all), 0);
  const label = ({ rows }: { rows: number }): string => `${rows === 1 ? 'row' : 'rows'}${atMost ? ' at most' : ''}`;
  return html`<dl class="tiles">
    ${tile(formatCount(train.rows), label(train), `of ${plural(train.problems, 'problem')}`)}
    ${validation === undefined ? nothing : tile(formatCount(validation.rows), `${label(validation)} for validation`, `of ${plural(validation.problems, 'other problem')}`)}
    ${
      tokens.all === 0
        ? nothing
        : html`${tile(mark + formatCompact(tokens.all), 'tokens of answers', tokens.estimated ? 'estimated' : 'counted by the model’s server')}
    ${tile(mark + formatCompact(tokens.trained), 'tokens trained', `${share}; ${mark}${formatCompact(tokens.masked)} masked`)}
    ${tile(formatCount(median), 'tokens, median', `longest ${formatCount(longest)}`)}`
    }
  </dl>`;
}

/** A warning with the choice to leave its chains out, and a link to them. */
function warningsView(
  { warnings, selected }: ExportPlan,
  unit: ExportForm['unit'],
  choices: ExportChoices,
  change: Change,
  post: Post,
): TemplateResult {
  const what = unit === 'problem' ? 'problem' : 'chain';
  if (warnings.length === 0)
    return html`<p class="fine">${selected === 0 ? nothing : `No selected ${what} has a warning.`}</p>`;
  const leaveOut = choices.leaveOut ?? [];
  const toggle = (id: ChainWarning, isLeft: boolean): void => {
    const next = isLeft ? leaveOut.filter((one) => one !== id) : [...leaveOut, id];
    change({ leaveOut: next.length === 0 ? undefined : next });
  };
  return html`<section class="warnings" aria-label="Warnings">
    <h2>Of ${plural(selected, `selected ${what}`)}</h2>
    <ul>
      ${warnings.map(
        ({ id, chains, isLeftOut, query }) => html`<li class=${isLeftOut ? 'left' : ''}>
          <span class="grow">${formatWarning(id, chains)}</span>
          ${query === undefined ? nothing : html`<button type="button" class="link" @click=${() => post({ type: 'chains', query })}>Show Chains<span class="spoken"> ${formatWarning(id, chains)}</span></button>`}
          <button type="button" class="key-button" @click=${() => toggle(id, isLeftOut)}>${isLeftOut ? 'Include' : 'Leave Out'}<span class="spoken"> ${formatWarning(id, chains)}</span></button>
        </li>`,
      )}
    </ul>
  </section>`;
}

function leftView({ left }: ExportPlan): TemplateResult | typeof nothing {
  const reasons = formatLeft(left);
  if (reasons.length === 0) return nothing;
  return html`<p class="left-reasons">Without a row: ${reasons.join(', ')}.</p>`;
}

function mixView({ classes, levels, lengths }: ExportPlan, unit: ExportForm['unit']): TemplateResult {
  // A row of a pair has two chains.
  const what = unit === 'pair' ? 'Chains' : 'Rows';
  const range = lengths.map(({ from, to, rows }) => [`${formatCount(from)} – ${formatCount(to - 1)}`, rows] as const);
  return html`<div class="mix">
    ${barsView('Class', what, Object.entries(classes))} ${barsView('Level', what, Object.entries(levels))} ${barsView('Tokens', what, range)}
  </div>`;
}

/** Rows of a table at most; levels may be names of which each problem has its own. */
const MOST_BARS = 16;

function barsView(
  title: string,
  what: 'Rows' | 'Chains',
  counts: readonly (readonly [name: string, rows: number])[],
): TemplateResult | typeof nothing {
  if (counts.length === 0) return nothing;
  const most = Math.max(1, ...counts.map(([, rows]) => rows));
  const rest = counts.slice(MOST_BARS).reduce((sum, [, rows]) => sum + rows, 0);
  return html`<table>
    <caption class="spoken">${what} by ${title.toLowerCase()}</caption>
    <thead><tr><th scope="col">${title}</th><th scope="col" colspan="2">${what}</th></tr></thead>
    <tbody>
      ${counts.slice(0, MOST_BARS).map(
        ([name, rows]) => html`<tr>
          <th scope="row">${name}</th>
          <td>${formatCount(rows)}</td>
          <td class="bar-cell"><svg class="samples-bar" aria-hidden="true">${svg`<rect width=${shareLength(rows / most)} height="100%" rx="2"></rect>`}</svg></td>
        </tr>`,
      )}
      ${rest === 0 ? nothing : html`<tr><th scope="row">others</th><td>${formatCount(rest)}</td><td></td></tr>`}
    </tbody>
  </table>`;
}

/** @param labels The words of the form for a row with and without a good label. */
function previewView(
  { preview: rows, template }: ExportPlan,
  [good, bad]: readonly [string, string],
): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  const isRendered = template !== undefined && template.trouble === undefined;
  return html`<section class="preview" aria-label="First rows">
    <h2>First rows${isRendered ? html`, rendered by the chat template of ${template.model}` : nothing}</h2>
    ${template?.trouble === undefined ? nothing : html`<p class="trouble" role="alert">Not rendered as ${template.model} gets them. ${template.trouble}</p>`}
    ${rows.some(({ parts }) => parts.length > 0) ? legendView(isRendered) : nothing}
    ${rows.map(
      (row) => html`<article>
        <h3>${row.id}${row.label === undefined ? nothing : html` <span class="dim">${row.label ? good : bad}</span>`}${row.set === 'validation' ? html` <span class="dim">validation</span>` : nothing}</h3>
        ${isRendered ? html`<p class="answer">${row.parts.map(partView)}</p>` : writtenView(row)}
        ${row.answer === undefined ? nothing : html`<h4>Gold answer</h4><p class="answer">${row.answer}</p>`}
        ${row.facts === undefined ? nothing : factsView(row.facts)}
        ${row.shortened ? html`<p class="dim">The texts are shortened here.</p>` : nothing}
      </article>`,
    )}
  </section>`;
}

function legendView(isRendered: boolean): TemplateResult {
  const template = html` <span class="part template">monospace: prompt and tags of the chat template</span>`;
  return html`<p class="legend"><span class="part trained">trained</span> <span class="part masked">masked: context only</span>${isRendered ? template : nothing}</p>`;
}

/** The texts of a row as it is written: problem, thought beside the answer, content. */
function writtenView(row: PreviewRow): TemplateResult {
  return html`<p class="problem">${row.problem}</p>
    ${row.steps === undefined ? nothing : stepsView(row.steps)} ${textView(row, 'reasoning')} ${textView(row, 'content')}`;
}

/** The steps with their labels. */
function stepsView(steps: NonNullable<PreviewRow['steps']>): TemplateResult {
  return html`<ol class="row-steps">
    ${steps.map(({ text, label }) => html`<li><span class="dim row-label">${label}</span><span class="answer">${text.trim()}</span></li>`)}
  </ol>`;
}

/** The columns of a problem. */
function factsView(facts: NonNullable<PreviewRow['facts']>): TemplateResult {
  return html`<dl class="row-facts">${facts.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The thought beside the answer, or the content. */
function textView({ parts }: PreviewRow, part: PreviewRow['parts'][number]['part']): TemplateResult | typeof nothing {
  const own = parts.filter((one) => one.part === part);
  if (own.length === 0) return nothing;
  const isApart = parts.some((one) => one.part === 'reasoning');
  return html`${isApart ? html`<h4>${part === 'reasoning' ? 'Thought' : 'Answer'}</h4>` : nothing}<p class="answer">${own.map(partView)}</p>`;
}

const partView = ({ text, train, part }: PreviewRow['parts'][number]): TemplateResult =>
  html`<span class=${`part ${train ? 'trained' : 'masked'}${part === 'template' ? ' template' : ''}`}>${train ? nothing : html`<span class="spoken">Masked: </span>`}${text}</span>`;
