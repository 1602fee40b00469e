import { html, nothing, render, type TemplateResult } from 'lit';
import { formatCount, formatMeasure } from '../../src/core/text/format.ts';
import { lossPicture } from '../../src/core/training/loss-picture.ts';
import type { FromLossPage, LossCommand, LossRun, ToLossPage } from '../../src/protocol/loss-page.ts';
import { svgNode } from '../ui/svg.ts';
import { commandView, factsView } from './facts.ts';
import { stateChip, stateText, tilesView, timeLeft } from './numbers.ts';
import { ValuePointer } from './pointer.ts';
import { troubleView } from './trouble.ts';

type Post = (message: FromLossPage) => void;

/** Rows of the table; the CSV has all rows. */
const ROWS = 200;

/** The page of Show Loss: the loss of a training, live, with others for comparison. */
export class LossApp {
  readonly #root: HTMLElement;
  readonly #post: Post;
  readonly #spoken = document.createElement('div');
  readonly #pointer = new ValuePointer();
  #announced = '';

  constructor(root: HTMLElement, post: Post) {
    this.#root = root;
    this.#post = post;
    root.className = 'reader document loss';
    this.#spoken.className = 'spoken';
    this.#spoken.setAttribute('role', 'status');
    document.body.append(this.#spoken);
  }

  show(snapshot: ToLossPage): void {
    const { run } = snapshot;
    render(
      html`
        <header class="head">
          <h1>${run.report.run}</h1>
          ${stateChip(run.report)}
          <span class="grow"></span>
          <span class="counts">${snapshot.dataset} · ${run.record.training?.trainer ?? run.report.kind}</span>
        </header>
        <main class="document-body loss-body">${this.#body(snapshot)}</main>
        <footer class="foot">${this.#foot(snapshot)}</footer>
      `,
      this.#root,
    );
    this.#draw(snapshot);
    this.#announce(run);
  }

  #body({ run, others, choices }: ToLossPage): TemplateResult {
    return html`
      ${tilesView(run)} ${troubleView(run, () => this.#command('log'))}
      <div class="picture" tabindex="0" role="group" aria-label="Chart of the loss. Arrow keys read its values."></div>
      <p class="readout dim" role="status">Point at the chart, or use the arrow keys on it, to read its values.</p>
      ${this.#compareView(choices, others)} ${commandView(run, () => this.#command('copyCommand'))} ${factsView(run)}
      ${tableView(run)}
    `;
  }

  #compareView(choices: readonly string[], others: readonly LossRun[]): TemplateResult | typeof nothing {
    if (choices.length === 0) return nothing;
    const shown = others.map(({ report }) => report.run);
    const toggle = (run: string, on: boolean): void => {
      const runs = on ? [...shown, run] : shown.filter((other) => other !== run);
      this.#post({ type: 'compare', runs });
    };
    return html`<fieldset class="compare">
      <legend>Compare with</legend>
      ${choices.map(
        (run) => html`<label>
          <input
            type="checkbox"
            .checked=${shown.includes(run)}
            @change=${(event: Event) => toggle(run, (event.target as HTMLInputElement).checked)}
          />${run}
        </label>`,
      )}
    </fieldset>`;
  }

  #foot({ run, trusted }: ToLossPage): TemplateResult {
    const { state, checkpoints, output } = run.report;
    const live = state === 'running' || state === 'pending';
    const stopped = state === 'stopped' || state === 'failed' || state === 'lost' || state === 'prepared';
    const button = (label: string, command: LossCommand, primary = false): TemplateResult =>
      html`<button type="button" class="key-button ${primary ? 'primary' : ''}" @click=${() => this.#command(command)}>${label}</button>`;
    const saving = (label: string, what: 'svg' | 'csv'): TemplateResult =>
      html`<button type="button" class="key-button" ?disabled=${run.lines === 0} @click=${() => this.#post({ type: 'save', what })}>${label}</button>`;
    return html`
      ${trusted && live ? button('Stop', 'stop') : nothing} ${trusted && stopped ? button('Resume', 'resume', true) : nothing}
      ${trusted && (output !== undefined || checkpoints.some(({ whole }) => whole)) ? button('Serve Checkpoint…', 'serve', state === 'succeeded') : nothing}
      ${trusted ? button('Show Log', 'log') : nothing} ${button('Open Configuration', 'config')} ${button('Show Folder', 'folder')}
      ${trusted ? html`${saving('Save Picture as SVG…', 'svg')} ${saving('Save Numbers as CSV…', 'csv')}` : nothing}
      <span class="grow"></span>
    `;
  }

  #command(command: LossCommand): void {
    this.#post({ type: 'command', command });
  }

  /** Draws the same picture as in the file. */
  #draw({ run, others }: ToLossPage): void {
    const place = this.#root.querySelector('.picture');
    if (place === null) return;
    const runs = [run, ...others].map(({ report, curve }) => ({ name: report.run, curve }));
    const isEmpty = runs.every(({ curve }) => curve.points.length === 0 && curve.undone.length === 0);
    for (const part of this.#root.querySelectorAll('.picture, .readout')) part.toggleAttribute('hidden', isEmpty);
    place.replaceChildren(svgNode(lossPicture(`Loss of ${run.report.run}`, runs)));
    this.#pointer.show(place, runs);
  }

  /** Announces state changes and each tenth of the steps to screen readers; each step would be too much. */
  #announce({ report, curve }: LossRun): void {
    const { step, total } = curve;
    const tenth = step === undefined || total === undefined || total === 0 ? 0 : Math.floor((10 * step) / total);
    const progress = `${report.state} ${tenth}`;
    if (progress === this.#announced) return;
    this.#announced = progress;
    const at = tenth === 0 ? '' : `, step ${formatCount(step ?? 0)} of ${formatCount(total ?? 0)}`;
    this.#spoken.textContent = `${report.run}: ${stateText(report)}${at}. ${timeLeft(curve, report.state) ?? ''}`;
  }
}

function tableView({ curve }: LossRun): TemplateResult | typeof nothing {
  const { points } = curve;
  if (points.length === 0) return nothing;
  const rows = points.slice(-ROWS).reverse();
  const cell = (value: number | undefined, digits = 4): string =>
    value === undefined ? '' : formatMeasure(value, digits);
  return html`<details class="points">
    <summary>Numbers as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Numbers of the training, the last step first">
      <table>
        <thead><tr>
          <th scope="col">Step</th><th scope="col">Loss</th><th scope="col">Smoothed</th><th scope="col">Learning rate</th>
          <th scope="col">Gradient norm</th><th scope="col">Tokens</th>
        </tr></thead>
        <tbody>
          ${rows.map(
            ({ step, loss, smoothed, lr, gradNorm, tokens }) => html`<tr>
              <th scope="row">${formatCount(step)}</th><td>${cell(loss)}</td><td>${cell(smoothed)}</td><td>${cell(lr, 3)}</td>
              <td>${cell(gradNorm, 3)}</td><td>${tokens === undefined ? '' : formatCount(tokens)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
