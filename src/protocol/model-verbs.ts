import { z } from 'zod';
import { EndpointCheck, ModelRef, ModelRole, Prices, PromptSet } from '../core/model/index.ts';

const dataset = z.string().min(1);

/** Verbs about the models of a dataset; see VERBS. */
export const MODEL_VERBS = {
  model: {
    summary:
      'Set the base or the fine-tuned model of a dataset: an OpenAI-compatible URL and a model name, or the starter model',
    args: z.object({
      dataset,
      model: ModelRef.optional(),
      /** Base when absent. */
      role: ModelRole.optional(),
      promptSet: PromptSet.optional(),
      /** In place of a model: the dataset has no fine-tuned model any more. Rounds that it made stay as they are. */
      remove: z.boolean().optional(),
    }),
    /** `model` is null where it was removed. */
    result: z.object({ model: ModelRef.nullable(), role: ModelRole, promptSet: PromptSet }),
  },
  prices: {
    summary: 'Show what the models of a dataset cost per million tokens, or set the prices of one',
    args: z.object({
      dataset,
      /** Whose prices are set or removed: a model, or whichever has a role. */
      model: ModelRef.optional(),
      role: ModelRole.optional(),
      prices: Prices.optional(),
      remove: z.boolean().optional(),
    }),
    result: z.object({
      models: z.array(
        z.object({
          /** Host and port, or `starter`. */
          host: z.string(),
          model: z.string(),
          /** `base`, `fine-tuned`, `judge`; none for a model that only has prices. */
          uses: z.array(z.string()),
          /** null: unknown. */
          prices: Prices.nullable(),
        }),
      ),
    }),
  },
  'check-endpoint': {
    summary: 'Find out with a few small calls what a model at an endpoint can do',
    args: z.object({
      dataset,
      /** In place of the dataset's model of `role`. */
      model: ModelRef.optional(),
      /** Base when absent. */
      role: ModelRole.optional(),
    }),
    result: EndpointCheck,
  },
} as const;
