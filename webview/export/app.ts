import { html, nothing, render, type TemplateResult } from 'lit';
import { defaultName } from '../../src/core/export/forms/index.ts';
import { plural } from '../../src/core/text/format.ts';
import type { ExportPlan } from '../../src/protocol/export.ts';
import type { ExportChoices, FromExportPage, ToExportPage } from '../../src/protocol/export-page.ts';
import type { Channel } from '../ui/page-host.ts';
import { controlsView } from './controls.ts';
import { outcomeView } from './outcome.ts';

/** The page of Export Training Set: shows the rows of an export, sends each change, and writes on request. */
export class ExportApp {
  readonly #channel: Channel<ToExportPage, FromExportPage>;
  readonly #root: HTMLElement;
  #choices: ExportChoices | undefined;
  #shown: ToExportPage | undefined;

  constructor(channel: Channel<ToExportPage, FromExportPage>, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    root.className = 'reader plan export';
    window.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // The focused field is read first.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      this.#write();
    });
    channel.listen((message) => this.#show(message));
    channel.post({ type: 'ready' });
  }

  #show(message: ToExportPage): void {
    // Only the first snapshot has choices to restore: later ones may belong to an earlier change.
    this.#choices ??= message.choices;
    this.#shown = message;
    render(this.#view(message), this.#root);
  }

  #change(changes: Partial<ExportChoices>): void {
    if (this.#choices === undefined) return;
    this.#choices = { ...this.#choices, ...changes };
    this.#channel.post({ type: 'change', choices: this.#choices });
    // The shown plan is outdated now. Until the host knows this too, Write would be ignored.
    if (this.#shown) this.#show({ ...this.#shown, planning: true });
  }

  /** Not with an invalid field, which is not part of the shown plan. */
  #write(): void {
    if (this.#root.querySelector<HTMLFormElement>('form.controls')?.reportValidity() === false) return;
    const shown = this.#shown;
    // While planning, the host answers that the plan has changed.
    if (shown && (canWrite(shown) || (shown.planning && !shown.starting)))
      this.#channel.post({ type: 'write', plan: shown.plan });
  }

  #view(shown: ToExportPage): TemplateResult {
    const { dataset, planning, starting, report } = shown;
    return html`
      <header class="head">
        <h1>Export Training Set</h1>
        <span class="round">${dataset}</span>
        <span class="grow"></span>
        <span class="counts" role="status">${starting ? 'writing…' : planning ? 'planning…' : ''}</span>
      </header>
      <main class="plan-body">
        ${
          report === null || this.#choices === undefined
            ? html`<p class="empty">${shown.trouble === undefined || planning ? 'Planning…' : troubleText(shown.trouble)}</p>`
            : this.#plan(shown, report, this.#choices)
        }
      </main>
      <footer class="foot">
        <button type="button" class="key-button primary" ?disabled=${!canWrite(shown) || this.#hasInvalid} @click=${() => this.#write()}>
          <kbd aria-hidden="true">Ctrl+Enter</kbd>Write
        </button>
        ${this.#status(shown)}
      </footer>
    `;
  }

  #plan(shown: ToExportPage, report: ExportPlan, choices: ExportChoices): TemplateResult {
    // Not at each input event: a list would be reset before its change event.
    const again = (): void => void render(this.#view(shown), this.#root);
    return html`
      <form class="controls" ?inert=${shown.starting} @submit=${(event: Event) => event.preventDefault()} @change=${again}>
        ${controlsView(
          { choices, report, named: shown.named },
          (changes) => this.#change(changes),
          (message) => this.#channel.post(message),
        )}
      </form>
      <section class="outcome ${shown.planning ? 'stale' : ''}" tabindex="0" aria-label="Rows of the export" aria-busy=${shown.planning}>
        ${outcomeView(
          report,
          choices,
          (changes) => this.#change(changes),
          (message) => this.#channel.post(message),
        )}
      </section>
    `;
  }

  get #hasInvalid(): boolean {
    return this.#root.querySelector('form.controls :invalid') !== null;
  }

  #status(shown: ToExportPage): TemplateResult {
    if (this.#hasInvalid) {
      return html`<span class="grow trouble" role="alert">A field is not valid, so the plan is not updated. Correct the marked field.</span>`;
    }
    if (shown.report !== null && shown.trouble !== undefined)
      return html`<span class="grow trouble" role="alert">${troubleText(shown.trouble)}</span>`;
    if (shown.missed)
      return html`<span class="grow" role="alert">The plan changed when you pressed Write. Check it, and press Write again.</span>`;
    return html`<span class="grow dim">${shown.report === null ? nothing : sentence(shown.report, this.#choices)}</span>`;
  }
}

function canWrite({ report, planning, starting, trouble }: ToExportPage): boolean {
  const isPlanned = trouble === undefined || trouble.retry === true;
  return report !== null && !planning && !starting && isPlanned && report.train.rows > 0;
}

function troubleText({ message, advice }: NonNullable<ToExportPage['trouble']>): string {
  return `${message} ${advice ?? ''}`.trim();
}

function sentence({ train, validation, atMost }: ExportPlan, choices: ExportChoices | undefined): string {
  if (choices === undefined) return '';
  if (train.rows === 0) return 'Nothing can be written.';
  const more = validation === undefined ? '' : ` and ${plural(validation.rows, 'row')} for validation`;
  return `Writes ${atMost ? 'at most ' : ''}${plural(train.rows, 'row')}${more} to exports/${choices.name ?? defaultName(choices)}.`;
}
