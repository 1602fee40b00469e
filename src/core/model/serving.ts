import { z } from 'zod';

/** Servers that Longhand has a template for; src/serving/servers.ts says how each is started. */
export const ServerId = z.enum(['starter', 'transformers', 'vllm', 'sglang', 'llama.cpp', 'ollama']);
export type ServerId = z.infer<typeof ServerId>;

/** What a model is given as: a folder of safetensors, a folder with a LoRA adapter, a GGUF file, or a name of the Hugging Face hub. */
export const ModelForm = z.enum(['folder', 'adapter', 'gguf', 'name']);
export type ModelForm = z.infer<typeof ModelForm>;

/** How numbers are kept in a GGUF file that is made of a checkpoint. `q8_0` falls back to `f16` for rows that are no multiple of 32. */
export const GgufType = z.enum(['q8_0', 'f16', 'bf16', 'f32']);
export type GgufType = z.infer<typeof GgufType>;
