import { html, type TemplateResult } from 'lit';
import { ViewName } from '../../src/core/review/table/view.ts';
import type { ChainsSnapshot } from '../../src/protocol/chains.ts';

interface ViewActs {
  open(name: string): void;
  save(name: string): void;
  remove(name: string): void;
}

/** Opens, saves and removes views: query, order and columns under a name. */
export function viewsView(views: NonNullable<ChainsSnapshot['views']>, acts: ViewActs): TemplateResult {
  return html`<h2 tabindex="0">Views</h2>
    <ul class="view-list">
      ${views.map(
        ({ name, query }) => html`<li>
          <button type="button" class="view-open" @click=${() => acts.open(name)}>
            <span>${name}</span> <span class="dim">${query === '' ? 'all chains' : query}</span>
          </button>
          <button type="button" class="head-button" aria-label="Remove view ${name}" title="Remove view" @click=${() => acts.remove(name)}>×</button>
        </li>`,
      )}
    </ul>
    <form class="view-save" @submit=${(event: Event) => save(event, acts)}>
      <label for="view-name">Name</label>
      <input id="view-name" type="text" autocomplete="off" maxlength="80" required
        @input=${(event: Event) => (event.target as HTMLInputElement).setCustomValidity('')} />
      <button type="submit" class="key-button primary">Save View</button>
    </form>
    <p class="dim">A view keeps query, order and columns as a file of the dataset, in the folder views.</p>`;
}

function save(event: Event, acts: ViewActs): void {
  event.preventDefault();
  const field = (event.target as HTMLFormElement).querySelector('input');
  const name = ViewName.safeParse(field?.value.trim()).data;
  if (name !== undefined) acts.save(name);
  else {
    field?.setCustomValidity('A name has a letter or a digit, in one line of at most 80 characters.');
    field?.reportValidity();
  }
}
