import { z } from 'zod';

/** Where the rows of a problem set on the Hugging Face hub came from. `name` gets the very same rows again. */
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
  /** Paths in the repository, with the hash that the hub lists: SHA-256 of the content, or the SHA-1 of git's blob. */
  files: z.array(z.object({ path: z.string(), hash: z.string() })),
  /** As the card of the set says. */
  licence: z.string().optional(),
});
export type HubOrigin = z.infer<typeof HubOrigin>;
