import { html, nothing, type TemplateResult } from 'lit';
import { diffToChanges } from '../../src/core/review/diff.ts';
import type { ChatMessage } from '../../src/core/schemas/index.ts';
import { plural } from '../../src/core/text/format.ts';
import type { TriedPiece } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { callFacts, outcomeOf, shortHash } from './format.ts';
import { Texts } from './texts.ts';

/** The last two runs of a piece side by side: both replies and the differences in the messages. */
export function compareView(before: TriedPiece, after: TriedPiece): TemplateResult {
  const texts = new Texts();
  const side = (name: string, run: TriedPiece): TemplateResult => {
    const { text, look } = outcomeOf(run);
    return html`<section>
      <h3>${name} <span class=${look}>${text}</span></h3>
      <p class="dim">${callFacts(run)}</p>
      <p class="dim">prompt <code>${run.promptHash === '' ? 'unknown' : shortHash(run.promptHash)}</code></p>
      ${texts.at(name, run.text)}
    </section>`;
  };
  return html`
    <h2 tabindex="0">${pieceTitle(after.piece)}: the last two runs</h2>
    <div class="sides">${side('before', before)} ${side('now', after)}</div>
    ${sentView(before.messages, after.messages)}
  `;
}

function sentView(before: readonly ChatMessage[], after: readonly ChatMessage[]): TemplateResult {
  const places = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i);
  const text = (message: ChatMessage | undefined): string => message?.content ?? '';
  const differing = places.filter((i) => text(before[i]) !== text(after[i]));
  if (differing.length === 0)
    return html`<p class="dim">Both runs sent the same messages. The seed or the model differs.</p>`;
  const same = places.length - differing.length;
  return html`<div class="sent">
    <h3>What was sent</h3>
    ${same === 0 ? nothing : html`<p class="dim">${plural(same, 'message is', 'messages are')} the same.</p>`}
    ${differing.map((i) => html`<div class="message"><h4>${(after[i] ?? before[i])?.role}</h4><pre>${changesView(text(before[i]), text(after[i]))}</pre></div>`)}
  </div>`;
}

/** The text with deletions and insertions. */
function changesView(before: string, after: string): TemplateResult[] {
  const parts: TemplateResult[] = [];
  let at = 0;
  for (const { start, end, insert } of diffToChanges(before, after)) {
    parts.push(html`${before.slice(at, start)}`);
    if (end > start) parts.push(html`<del>${before.slice(start, end)}</del>`);
    if (insert !== '') parts.push(html`<ins>${insert}</ins>`);
    at = end;
  }
  parts.push(html`${before.slice(at)}`);
  return parts;
}
