import { html, nothing, type TemplateResult } from 'lit';
import { present } from '../../src/core/defined.ts';
import { plural } from '../../src/core/text/format.ts';
import type { LossRun } from '../../src/protocol/loss-page.ts';

/** The failure with the last lines of the log, or the log alone while there is no loss. */
export function troubleView(run: LossRun, openLog: () => void): TemplateResult {
  const { report, curve, badLines } = run;
  const { failure, state } = report;
  const message = failure?.message ?? report.message ?? curve.message;
  const bad = state === 'failed' || state === 'lost' || state === 'unreachable';
  return html`
    ${
      bad
        ? html`<section class="trouble" role="alert" aria-label="What went wrong">
            <p><strong>${message ?? 'The run ended for an unknown reason.'}</strong>${failure === undefined ? nothing : html` ${failure.advice}`}</p>
            ${exitView(run)} ${logView(run, openLog)}
          </section>`
        : nothing
    }
    ${
      badLines === 0
        ? nothing
        : html`<p class="note">${plural(badLines, 'line')} of <code>progress.jsonl</code> could not be read and ${badLines === 1 ? 'is' : 'are'} not drawn.</p>`
    }
    ${bad ? nothing : noLossView(run, openLog)}
  `;
}

function exitView({ report: { exitCode, node } }: LossRun): TemplateResult | typeof nothing {
  const parts = present(typeof exitCode === 'number' && `exit code ${exitCode}`, node !== undefined && `on ${node}`);
  return parts.length === 0 ? nothing : html`<p class="dim">${parts.join(' · ')}</p>`;
}

/** A note and the log for a run without a loss. */
function noLossView(run: LossRun, openLog: () => void): TemplateResult | typeof nothing {
  const { report, curve } = run;
  if (curve.points.some(({ loss }) => loss !== undefined)) return nothing;
  if (report.state === 'unasked') return html`<p class="note">${report.message}</p>`;
  if (report.state === 'prepared') return html`<p class="note">Prepared, but never started.</p>`;
  if (report.state === 'pending') return html`<p class="note">Waiting for its engine to start it.</p>`;
  const note =
    report.state === 'running'
      ? 'No loss reported yet. Loading the model and the rows comes first.'
      : 'No loss reported.';
  return html`<section class="mute">
    <p class="note">${note}</p>
    ${logView(run, openLog)}
  </section>`;
}

function logView({ log }: LossRun, openLog: () => void): TemplateResult | typeof nothing {
  if (log.length === 0) return nothing;
  return html`<h2>Last lines of the log</h2>
    <pre class="log" tabindex="0" aria-label="Last lines of the log">${log.join('\n')}</pre>
    <button type="button" class="key-button" @click=${openLog}>Show Log</button>`;
}
