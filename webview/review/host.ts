import { z } from 'zod';
import { EditDraft, type FromReader, SavedReview, ToReader } from '../../src/protocol/review.ts';
import { PageHost } from '../ui/page-host.ts';

/** The state that the reader keeps over a reload and while its tab is hidden. */
export const SavedState = SavedReview.extend({
  /** Source offset at the upper edge of the screen. */
  top: z.number().int().nonnegative().optional(),
  /** An edit that was not saved, and whether its field was open. */
  draft: EditDraft.optional(),
  editing: z.boolean().optional(),
  /** Chains of the comparison that was open. */
  compared: z.array(z.string()).optional(),
});
export type SavedState = z.infer<typeof SavedState>;

/** The channel of the reader, which also saves its state. */
export class Host extends PageHost<ToReader, FromReader> {
  constructor() {
    super(ToReader);
  }

  save(state: SavedState): void {
    this.api.setState(state);
  }

  saved(): SavedState | undefined {
    const parsed = SavedState.safeParse(this.api.getState());
    return parsed.success ? parsed.data : undefined;
  }
}
