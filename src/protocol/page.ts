import { z } from 'zod';

/** What every page may report beside its own messages. */
export const PAGE_REPORTS = [
  /** Something broke in the page; for the log. */
  z.object({ type: z.literal('failed'), message: z.string() }),
  /** The page got the focus, and not by a click in it. */
  z.object({ type: z.literal('focused') }),
] as const;
export type PageReport = z.infer<(typeof PAGE_REPORTS)[number]>;
