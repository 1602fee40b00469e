import { z } from 'zod';
import { GgufType, ModelForm, ModelRole, ServerId } from '../core/model/index.ts';

const dataset = z.string().min(1);
const words = z.array(z.string().min(1));

export const ServeArgs = z.object({
  dataset,
  /** A training run of the dataset, a folder of safetensors or of a LoRA adapter, a GGUF file, or a name of the Hugging Face hub. */
  what: z.string().min(1),
  /** Of a run: a checkpoint by its step; when absent, its trained model, else the last whole checkpoint. */
  checkpoint: z.number().int().nonnegative().optional(),
  /** The starter's runtime when absent; for an adapter or a name it must be said. */
  server: ServerId.optional(),
  /** The name in requests; made from folder and hash when absent, so that two checkpoints are never taken for one. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: 'letters, digits, “.”, “_” and “-” alone, with a letter or digit first',
    })
    .optional(),
  /** A free one when absent. */
  port: z.number().int().min(1).max(65_535).optional(),
  /** Program and the words that follow it, in place of the template's: from a flag or the user's own settings. */
  program: words.optional(),
  /** Put after the template's arguments, so that they win. */
  args: words.optional(),
  /** The interpreter that converts to GGUF; Longhand's own environment when absent. */
  python: z.string().min(1).optional(),
  /** `q8_0` when absent. */
  type: GgufType.optional(),
  /** Minutes until a server that is not ready is stopped; 20 when absent. */
  wait: z
    .number()
    .positive()
    .max(24 * 60)
    .optional(),
  /** What the served model becomes in the dataset; fine-tuned when absent. */
  role: ModelRole.optional(),
  /** Leave the models of the dataset as they are. */
  keepEndpoint: z.boolean().optional(),
  /** Stop the other servers of the dataset first. */
  replace: z.boolean().optional(),
  /** Servers run on this machine; others are refused with the reason. */
  engine: z.enum(['local', 'ray', 'slurm']).optional(),
  /** Say what would run, and run nothing. */
  plan: z.boolean().optional(),
});
export type ServeArgs = z.infer<typeof ServeArgs>;

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

export const SERVING_VERBS = {
  serve: {
    summary: 'Serve a checkpoint or a model file, and make it the fine-tuned model of the dataset',
    args: ServeArgs,
    result: z.object({
      plan: ServePlan,
      /** Absent for a plan. */
      serving: z
        .object({
          run: z.string(),
          /** It ran already, with the same command. */
          reused: z.boolean(),
          /** What it became; null when the dataset's models were left alone. */
          role: ModelRole.nullable(),
          seconds: z.number().nonnegative(),
          logFile: z.string(),
        })
        .optional(),
    }),
  },
} as const;
