import { applyChanges } from '../../src/core/review/index.ts';
import type { TextChange } from '../../src/core/schemas/index.ts';
import type { EditDraft, ReviewItem } from '../../src/protocol/review.ts';

/** An edit that was sent and is not confirmed yet, with the resulting text. */
export interface Saving {
  chainId: string;
  text: string;
}

/** @throws UserError `changes` if the changes don't fit the text. */
export function savingOf(chain: { id: string; text: string }, changes: readonly TextChange[]): Saving {
  return { chainId: chain.id, text: applyChanges(chain.text, changes) };
}

/** Whether the chain has the edit. Until then its draft must be kept. */
export function isSaved(saving: Saving, item: ReviewItem | null): boolean {
  return item?.chain.id === saving.chainId && item.state.text === saving.text;
}

/** Whether the chain already has the text of the draft: the window was reloaded before the edit was confirmed. Ignores surrounding blank lines. */
export function isWritten({ chainId, start, value }: EditDraft, item: ReviewItem | null): boolean {
  if (item?.chain.id !== chainId) return false;
  const { text, segments } = item.state;
  const piece = segments.find((one) => start >= one.start && start < one.end);
  return piece !== undefined && text.slice(piece.start, piece.end).trim() === value.trim();
}
