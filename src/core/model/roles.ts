import { z } from 'zod';
import { hostOfURL } from './base-url.ts';
import type { ModelRef } from './model-ref.ts';

/** What a model is to a dataset: the one that training begins from, and the one that came out of training. */
export const ModelRole = z.enum(['base', 'fine-tuned']);
export type ModelRole = z.infer<typeof ModelRole>;

/** The models of a dataset's settings. */
interface Roles {
  model?: ModelRef | undefined;
  fineTuned?: ModelRef | undefined;
}

/** The model of a role; undefined where none is chosen. With `orBase`, a fine-tuned model that isn't there is the base model. */
export function modelOf(settings: Roles, role: ModelRole, orBase = false): ModelRef | undefined {
  if (role === 'base') return settings.model;
  return settings.fineTuned ?? (orBase ? settings.model : undefined);
}

/**
 * What `CallRequest.host` holds for a model: host and port of its URL; `starter`, whose port changes from start to start; or
 * `vscode:` and the vendor.
 */
export function hostOf(ref: ModelRef): string {
  if (ref.kind === 'openai') return hostOfURL(ref.baseURL);
  return ref.kind === 'starter' ? 'starter' : `vscode:${ref.vendor}`;
}

/** Whether two references mean the same model at the same place. */
export function sameModel(one: ModelRef, other: ModelRef): boolean {
  return one.model === other.model && hostOf(one) === hostOf(other);
}
