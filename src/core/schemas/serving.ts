import { z } from 'zod';

/** Servers with a template; see src/serving/servers.ts. */
export const ServerId = z.enum(['starter', 'transformers', 'vllm', 'sglang', 'llama.cpp', 'ollama']);
export type ServerId = z.infer<typeof ServerId>;

/** Form of a model: a folder of safetensors, a folder with a LoRA adapter, a GGUF file, or a name on the Hugging Face hub. */
export const ModelForm = z.enum(['folder', 'adapter', 'gguf', 'name']);
export type ModelForm = z.infer<typeof ModelForm>;

/** Number formats of a GGUF file made from a checkpoint. `q8_0` uses `f16` for rows that are not a multiple of 32. */
export const GgufType = z.enum(['q8_0', 'f16', 'bf16', 'f32']);
export type GgufType = z.infer<typeof GgufType>;
