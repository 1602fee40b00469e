import { z } from 'zod';

/** What `longhand starter` can be asked for. */
export type StarterWhat = 'install' | 'start' | 'stop' | 'status';

/** What every one of them answers: how the starter model stands afterwards. */
export const STARTER_REPLY = z.object({
  installed: z.boolean(),
  running: z.boolean(),
  pid: z.number().int().optional(),
  port: z.number().int().optional(),
  logFile: z.string(),
  /** Id in the starter catalogue. */
  model: z.string(),
});
export type StarterReply = z.infer<typeof STARTER_REPLY>;
