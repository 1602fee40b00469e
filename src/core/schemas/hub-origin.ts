import { z } from 'zod';

/** Origin of a problem set on the Hugging Face hub. `name` refers to exactly the same rows. */
export const HubOrigin = z.object({
  /** `hf:owner/name:config/split@commit`. */
  name: z.string().min(1),
  /** `owner/name`. */
  repo: z.string().min(1),
  config: z.string().optional(),
  split: z.string().optional(),
  /** The commit of the repository, 40 hex digits. */
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Host and port of the hub. */
  host: z.string(),
  /** Paths in the repository with the hub's hash: SHA-256 of the content, or git's SHA-1 of the blob. */
  files: z.array(z.object({ path: z.string(), hash: z.string() })),
  /** From the card of the set. */
  licence: z.string().optional(),
});
export type HubOrigin = z.infer<typeof HubOrigin>;
