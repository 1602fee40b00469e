import { html, nothing, render, type TemplateResult } from 'lit';
import { defined } from '../../src/core/defined.ts';
import { formatExpected, markOf } from '../../src/core/text/format.ts';
import type { FromPlanPage, PlanPageChoices, ToPlanPage } from '../../src/protocol/plan-page.ts';
import type { SamplingPlanReport } from '../../src/protocol/sampling.ts';
import type { Channel } from '../ui/page-host.ts';
import { controlsView } from './controls.ts';
import { type Command, evidenceView, notesView, tableView, totalsView } from './table.ts';

const hasReport = (shown: ToPlanPage): shown is ToPlanPage & { report: SamplingPlanReport } => shown.report !== null;

/** The page of Plan Sampling Round: shows the plan and sends each change. */
export class PlanApp {
  readonly #channel: Channel<ToPlanPage, FromPlanPage>;
  readonly #root: HTMLElement;
  #choices: PlanPageChoices = {};
  #shown: ToPlanPage | undefined;

  constructor(channel: Channel<ToPlanPage, FromPlanPage>, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    root.className = 'reader plan';
    window.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // The focused field is read first.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      this.#run();
    });
    channel.listen((message) => this.#show(message));
    channel.post({ type: 'ready' });
  }

  #show(message: ToPlanPage): void {
    // Only the first snapshot has choices to restore: later ones may belong to an earlier change.
    if (this.#shown === undefined) this.#choices = message.choices;
    this.#shown = message;
    render(this.#view(message), this.#root);
  }

  #change(changes: Partial<PlanPageChoices>): void {
    const budget = { ...this.#choices.budget, ...changes.budget };
    // A pilot sets problems and policy, so a change of these ends it.
    const pilot = 'policy' in changes || 'problems' in changes ? undefined : this.#choices.pilot;
    const own = defined({ budget: Object.keys(budget).length === 0 ? undefined : budget });
    this.#choices = { ...this.#choices, pilot, ...changes, ...own };
    this.#channel.post({ type: 'change', choices: this.#choices });
    // The shown plan is outdated now. Until the host knows this too, a start would be ignored.
    if (this.#shown) this.#show({ ...this.#shown, choices: this.#choices, planning: true });
  }

  /** Not with an invalid field, which is not part of the shown plan. */
  #run(): void {
    if (this.#root.querySelector<HTMLFormElement>('form.controls')?.reportValidity() === false) return;
    const shown = this.#shown;
    // While planning, the host answers that the plan has changed.
    if (shown && (canRun(shown) || (shown.planning && !shown.starting)))
      this.#channel.post({ type: 'run', plan: shown.plan });
  }

  /** Shows the message about an invalid field. */
  #check(): void {
    if (this.#shown) render(this.#view(this.#shown), this.#root);
  }

  #status(shown: ToPlanPage): TemplateResult {
    if (this.#hasInvalid) {
      const message = 'A field is not valid, so the plan is not updated. Correct the marked field.';
      return troubleView({ message });
    }
    if (shown.report !== null && shown.trouble !== undefined) return troubleView(shown.trouble);
    if (shown.missed)
      return html`<span class="grow" role="alert">The plan changed when you pressed Run round. Check it, and press Run round again.</span>`;
    return html`<span class="grow dim">${sentence(shown)}</span>`;
  }

  get #hasInvalid(): boolean {
    return this.#root.querySelector('form.controls :invalid') !== null;
  }

  #view(shown: ToPlanPage): TemplateResult {
    const command: Command = (name) => this.#channel.post({ type: 'command', command: name });
    return html`
      <header class="head">
        <h1>Plan Sampling Round</h1>
        <span class="round">${shown.dataset}</span>
        <span class="grow"></span>
        <span class="counts" role="status">${shown.starting ? 'starting…' : shown.planning ? 'planning…' : ''}</span>
      </header>
      <main class="plan-body">
        ${hasReport(shown) ? this.#plan(shown, command) : this.#nothing(shown, command)}
      </main>
      <footer class="foot">
        <button type="button" class="key-button primary" ?disabled=${!canRun(shown) || this.#hasInvalid} @click=${() => this.#run()}>
          <kbd aria-hidden="true">Ctrl+Enter</kbd>Run round
        </button>
        ${this.#status(shown)}
      </footer>
    `;
  }

  #plan(shown: ToPlanPage & { report: SamplingPlanReport }, command: Command): TemplateResult {
    return html`
      <form class="controls" ?inert=${shown.starting} @submit=${(event: Event) => event.preventDefault()} @input=${() => this.#check()} @change=${() => this.#check()}>
        ${controlsView(shown, (changes) => this.#change(changes), command)}
      </form>
      <section class="outcome ${shown.planning ? 'stale' : ''}" aria-label="Requests and expected results" aria-busy=${shown.planning}>
        ${evidenceView(shown.report, this.#choices.pilot, (pilot) => this.#change({ pilot }))}
        ${totalsView(shown.report, command)} ${tableView(shown.report)} ${notesView(shown.report)}
      </section>
    `;
  }

  #nothing({ trouble, base, planning }: ToPlanPage, command: Command): TemplateResult {
    if (trouble === undefined || planning) return html`<p class="empty">Planning…</p>`;
    return html`<div class="empty">
      <p>${trouble.message} ${trouble.advice ?? nothing}</p>
      ${
        base === null
          ? html`<button type="button" class="key-button primary" @click=${() => command('selectModel')}>Select Model…</button>`
          : html`<button type="button" class="key-button" @click=${() => command('importProblems')}>Import Problems…</button>`
      }
    </div>`;
  }
}

function canRun({ report, planning, starting, trouble }: ToPlanPage): boolean {
  const isPlanned = trouble === undefined || trouble.retry === true;
  return report !== null && !planning && !starting && isPlanned && report.total.samples > 0;
}

function sentence({ report, place }: ToPlanPage): string {
  if (report === null) return '';
  if (report.problems === 0 || report.total.samples === 0) return 'This policy has nothing left to sample.';
  const from = place === null ? '' : `, through ${place.title}`;
  const about = markOf(report.evidence) || 'about ';
  const noun = report.total.samples === 1 ? 'sample' : 'samples';
  return `Requests ${about}${formatExpected(report.total.samples)} ${noun} from ${report.model.model}${from}.`;
}

function troubleView({ message, advice }: NonNullable<ToPlanPage['trouble']>): TemplateResult {
  return html`<span class="grow trouble" role="alert">${message} ${advice ?? nothing}</span>`;
}
