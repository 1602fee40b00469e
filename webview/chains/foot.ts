import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../src/core/text/format.ts';
import type { ChainsSnapshot } from '../../src/protocol/chains.ts';
import type { ChainsAction } from '../../src/protocol/keys.ts';
import { KEYS } from './keys.ts';

/** The acts on the selected rows, or on the row at the cursor. */
export function footView(
  { total, canUndo, canRedo, unread }: Pick<ChainsSnapshot, 'total' | 'canUndo' | 'canRedo' | 'unread'>,
  selected: number,
  perform: (action: ChainsAction) => void,
  send: (to: 'export' | 'judge') => void,
): TemplateResult {
  const none = total === 0;
  const act = (action: ChainsAction, label: string, disabled = none, look = '') =>
    html`<button type="button" class="key-button ${look}" ?disabled=${disabled} @click=${() => perform(action)}>
      <kbd aria-hidden="true">${KEYS.label(action)}</kbd><span class="words">${label}</span>
    </button>`;
  const plain = (to: 'export' | 'judge', label: string) =>
    html`<button type="button" class="key-button" ?disabled=${none} @click=${() => send(to)}>${label}</button>`;
  return html`<div class="acts"><span class="dim" role="status">${selected === 0 ? 'None selected' : `${formatCount(selected)} selected`}</span>
    ${act('accept', 'Accept…', none, 'primary')} ${act('reject', 'Reject…')} ${act('tag', 'Tag…')} ${act('untag', 'Remove Tag…')}
    ${act('note', 'Note…')} ${act('assign', 'Assign…')}
    ${unread === undefined ? html`${plain('export', 'Export…')} ${plain('judge', 'Judge…')}` : nothing}
    ${act('undo', 'Undo', !canUndo)} ${canRedo ? act('redo', 'Redo') : nothing}</div>`;
}
