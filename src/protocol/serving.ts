import { z } from 'zod';
import { ModelForm, ServerId } from '../core/schemas/index.ts';

/** What serving would do: nothing of it has happened yet. */
export const ServePlan = z.object({
  server: ServerId,
  serverName: z.string(),
  form: ModelForm,
  /** What the server opens. */
  model: z.string(),
  /** The run whose checkpoint it is. */
  run: z.string().optional(),
  /** The folder that is made a GGUF file first; absent where that is not needed or was done before. */
  converts: z.string().optional(),
  baseURL: z.url(),
  modelName: z.string(),
  /** Exactly as it would run, and what is added to the environment. */
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  /** What is done when the server answers, before its model is asked for. */
  afterwards: z.array(z.string()).optional(),
});
export type ServePlan = z.infer<typeof ServePlan>;
