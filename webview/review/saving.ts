import type { TextChange } from '../../src/core/model/index.ts';
import { applyChanges } from '../../src/core/review/index.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';

/** An edit that was sent and not yet seen again: the text that its chain shall have. */
export interface Saving {
  chainId: string;
  text: string;
}

/** @throws {ChangesDoNotFit} when the changes were not made on this text. */
export function savingOf(chain: { id: string; text: string }, changes: readonly TextChange[]): Saving {
  return { chainId: chain.id, text: applyChanges(chain.text, changes) };
}

/** Whether what the host shows holds the edit; until then its draft is the only place where it is sure to be. */
export function isSaved(saving: Saving, item: ReviewItem | null): boolean {
  return item?.chain.id === saving.chainId && item.state.text === saving.text;
}
