import { html, nothing, type TemplateResult } from 'lit';
import type { LossRun } from '../../src/protocol/loss-page.ts';

/** Why it failed, in words, with the last lines of the log; or the log alone where the trainer tells no number. */
export function troubleView(run: LossRun, openLog: () => void): TemplateResult {
  const { report, curve, badLines } = run;
  const { failure, state } = report;
  const message = failure?.message ?? report.message ?? curve.message;
  const bad = state === 'failed' || state === 'lost' || state === 'unreachable';
  return html`
    ${
      bad
        ? html`<section class="trouble" role="alert" aria-label="What went wrong">
            <p><strong>${message ?? 'It ended, and nothing says why.'}</strong>${failure === undefined ? nothing : html` ${failure.advice}`}</p>
            ${exitView(run)} ${logView(run, openLog)}
          </section>`
        : nothing
    }
    ${
      badLines === 0
        ? nothing
        : html`<p class="note">${badLines === 1 ? '1 line' : `${badLines} lines`} of <code>progress.jsonl</code> could not be read; nothing of ${badLines === 1 ? 'it' : 'them'} is drawn.</p>`
    }
    ${bad ? nothing : muteView(run, openLog)}
  `;
}

function exitView({ report: { exitCode, node } }: LossRun): TemplateResult | typeof nothing {
  const parts = [
    ...(typeof exitCode === 'number' ? [`exit code ${exitCode}`] : []),
    ...(node === undefined ? [] : [`on ${node}`]),
  ];
  return parts.length === 0 ? nothing : html`<p class="dim">${parts.join(' · ')}</p>`;
}

/** A loss is never made up: without one, this says so and shows what the job itself wrote. */
function muteView(run: LossRun, openLog: () => void): TemplateResult | typeof nothing {
  const { report, curve } = run;
  if (curve.points.some(({ loss }) => loss !== undefined)) return nothing;
  if (report.state === 'unasked') return html`<p class="note">${report.message}</p>`;
  if (report.state === 'prepared') return html`<p class="note">It was prepared and never started.</p>`;
  if (report.state === 'pending') return html`<p class="note">It waits for its engine to start it.</p>`;
  const words =
    report.state === 'running'
      ? 'The trainer has told no loss yet. Loading the model and the rows comes first.'
      : 'The trainer told no loss.';
  return html`<section class="mute">
    <p class="note">${words}</p>
    ${logView(run, openLog)}
  </section>`;
}

function logView({ log }: LossRun, openLog: () => void): TemplateResult | typeof nothing {
  if (log.length === 0) return nothing;
  return html`<h2>Last lines of the log</h2>
    <pre class="log" tabindex="0" aria-label="Last lines of the log">${log.join('\n')}</pre>
    <button type="button" class="key-button" @click=${openLog}>Open Log</button>`;
}
