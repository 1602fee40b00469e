import type { ModelRef, ModelRole } from '../schemas/model-ref.ts';
import { hostOfURL, isLoopback } from './base-url.ts';

/** The models of a dataset's settings. */
interface Roles {
  model?: ModelRef | undefined;
  fineTuned?: ModelRef | undefined;
}

/** The model of a role. With `orBase`, the base model replaces a missing fine-tuned one. */
export function modelOf(settings: Roles, role: ModelRole, orBase = false): ModelRef | undefined {
  if (role === 'base') return settings.model;
  return settings.fineTuned ?? (orBase ? settings.model : undefined);
}

/** `CallRequest.host` of a model: host and port of its URL; `starter`, whose port changes; or `vscode:` and the vendor. */
export function hostOf(ref: ModelRef): string {
  if (ref.kind === 'openai') return hostOfURL(ref.baseURL);
  return ref.kind === 'starter' ? 'starter' : `vscode:${ref.vendor}`;
}

/** Whether a model runs on this machine and has no cost unless it has prices. */
export function isLocalModel(ref: ModelRef): boolean {
  return ref.kind === 'starter' || (ref.kind === 'openai' && isLoopback(new URL(ref.baseURL).hostname));
}

/** Whether two references are the same model at the same address. */
export function sameModel(one: ModelRef, other: ModelRef): boolean {
  return one.model === other.model && hostOf(one) === hostOf(other);
}
