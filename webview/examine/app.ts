import { html, nothing, render, type TemplateResult } from 'lit';
import type { Finding, RowFinding } from '../../src/core/examine/finding.ts';
import { placeOfFinding, reportFacts } from '../../src/core/examine/format.ts';
import { formatCount, formatPercent, plural } from '../../src/core/text/format.ts';
import type { FromExaminePage, ToExaminePage } from '../../src/protocol/examine-page.ts';

type Post = (message: FromExaminePage) => void;

/** Shows the report: a table of the findings, and a section with examples for each. */
export function showReport(root: HTMLElement, { report, inDataset }: ToExaminePage, post: Post): void {
  root.className = 'reader document examine';
  const { source, findings } = report;
  const key = (label: string, message: FromExaminePage): TemplateResult =>
    html`<button type="button" class="key-button" @click=${() => post(message)}>${label}</button>`;
  render(
    html`
      <header class="head">
        <h1>Examination</h1>
        <span class="round">${source}</span>
      </header>
      <main class="document-body">
        <ul class="summary">${reportFacts(report).map((fact) => html`<li>${fact}</li>`)}</ul>
        ${findings.length === 0 ? html`<p class="lead">Nothing was found.</p>` : overview(findings)}
        ${findings.map((finding) => section(finding, inDataset, post))}
      </main>
      <footer class="foot">
        ${key('Examine Again', { type: 'again' })}
        ${key('Open Markdown', { type: 'file', what: 'markdown' })} ${key('Open JSON', { type: 'file', what: 'json' })}
        ${key('Open All Findings', { type: 'file', what: 'findings' })}
        <span class="grow"></span>
      </footer>
    `,
    root,
  );
}

function overview(findings: readonly Finding[]): TemplateResult {
  return html`<table>
    <caption class="spoken">Findings</caption>
    <thead><tr>
      <th scope="col">Finding</th><th scope="col">Severity</th><th scope="col">Rows</th><th scope="col">Share</th>
      <th scope="col">Filter</th>
    </tr></thead>
    <tbody>
      ${findings.map(
        ({ id, title, severity, count, share, filter }) => html`<tr>
          <th scope="row"><a href="#${id}">${title}</a></th>
          <td class="severity" data-severity=${severity}>${severity}</td>
          <td>${formatCount(count)}</td>
          <td>${formatPercent(share, 2)}</td>
          <td>${filter ?? '–'}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

function section(
  { id, title, about, advice, count, query, examples }: Finding,
  inDataset: boolean,
  post: Post,
): TemplateResult {
  return html`<section id=${id}>
    <h2>${title} <span class="dim">${plural(count, 'row')}</span></h2>
    <p>${about} ${advice}</p>
    <p class="query">
      <code>${query}</code>
      <button type="button" class="key-button" @click=${() => post({ type: 'rows', finding: id })}>
        ${inDataset ? 'Show in Chain Table' : 'Show Rows'}<span class="spoken"> of ${title}</span>
      </button>
    </p>
    <ul class="examples">${examples.map((example) => row(example, post))}</ul>
  </section>`;
}

function row({ finding, id, line, reason, excerpt }: RowFinding, post: Post): TemplateResult {
  const open = (): void => post({ type: 'row', finding, id, ...(line === undefined ? {} : { line }) });
  return html`<li>
    <button type="button" class="link" @click=${open}>${placeOfFinding({ id, line })}</button>
    <span>${reason}</span>
    ${excerpt === undefined || excerpt === '' ? nothing : html`<pre class="excerpt">${excerpt}</pre>`}
  </li>`;
}
