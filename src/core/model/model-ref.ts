import { z } from 'zod';
import { baseURLProblem } from './base-url.ts';

/** Where a model is reached. Never holds a key: keys are in SecretStorage by host, or in LONGHAND_API_KEY. */
export const ModelRef = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('openai'),
    /** Base URL up to and including `/v1`. */
    baseURL: z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
      error:
        'leave out the name and password and what follows ? or #, since the address is stored; give the key in LONGHAND_API_KEY or with Longhand: Select Model…',
    }),
    model: z.string().min(1),
  }),
  z.object({
    kind: z.literal('starter'),
    /** Id in the starter catalogue. */
    model: z.string().min(1),
  }),
  z.object({
    /** A language model that VS Code offers; only an open window can ask it. */
    kind: z.literal('vscode'),
    vendor: z.string().min(1),
    family: z.string(),
    /** Its id with the vendor. */
    model: z.string().min(1),
  }),
]);
export type ModelRef = z.infer<typeof ModelRef>;
