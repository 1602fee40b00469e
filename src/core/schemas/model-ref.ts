import { z } from 'zod';
import { baseURLProblem } from '../models/base-url.ts';

/** The address of a model, without a key: keys are in SecretStorage by host, or in LONGHAND_API_KEY. */
export const ModelRef = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('openai'),
    /** Base URL up to and including `/v1`. */
    baseURL: z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
      error:
        'the address is stored, so leave out name, password and everything after ? or #; give the key in LONGHAND_API_KEY or with Longhand: Manage Models…',
    }),
    model: z.string().min(1),
  }),
  z.object({
    kind: z.literal('starter'),
    /** Id in the starter catalogue. */
    model: z.string().min(1),
  }),
  z.object({
    /** A language model of VS Code, which only an open window can use. */
    kind: z.literal('vscode'),
    vendor: z.string().min(1),
    family: z.string(),
    /** The vendor's id. */
    model: z.string().min(1),
  }),
]);
export type ModelRef = z.infer<typeof ModelRef>;

/** The role of a model in a dataset: the base of training, or its result. */
export const ModelRole = z.enum(['base', 'fine-tuned']);
export type ModelRole = z.infer<typeof ModelRole>;
