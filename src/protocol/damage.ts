import { z } from 'zod';

/** A line (JSONL, CSV) or element (JSON array) that could not be used; `line` counts from 1. */
export const BadLine = z.object({ line: z.number().int().positive(), reason: z.string() });
export type BadLine = z.infer<typeof BadLine>;

/** A file of a dataset of which not everything can be read. */
export const DamagedFile = z.object({
  /** Relative to the dataset, with `/`. */
  file: z.string(),
  /** Lines that can't be read. */
  count: z.number().int().nonnegative(),
  /** The first of them. */
  lines: z.array(BadLine),
  /** Why nothing of the file can be read; the file then lists no lines. */
  whole: z.string().optional(),
  /** The file is UTF-16 text, which a repair converts to UTF-8. */
  utf16: z.literal(true).optional(),
});
export type DamagedFile = z.infer<typeof DamagedFile>;

/** What a repair did to one file. */
export const RepairedFile = z.object({
  file: z.string(),
  /** Lines that were moved. */
  lines: z.number().int().nonnegative(),
  /** Where they are now, or the whole original of a converted file; relative to the dataset. */
  side: z.string(),
  /** The file was UTF-16 text and is UTF-8 now. */
  converted: z.literal(true).optional(),
});
export type RepairedFile = z.infer<typeof RepairedFile>;
