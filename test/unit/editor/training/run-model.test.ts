import { expect, test } from 'vitest';
import { runModel } from '../../../../src/editor/training/run-model.ts';

const served = (modelName: string) => ({
  model: '/data/runs/sft-1/out/checkpoint-12/longhand-0123456789abcdef.q8_0.gguf',
  serving: { server: 'starter', model: 'x', baseURL: 'http://127.0.0.1:8440/v1', modelName },
});

test.each([
  [
    'the name of a server without the mark of its weights',
    served('sft-1-checkpoint-12-0123abcd'),
    'sft-1-checkpoint-12',
  ],
  ['the last part of a path', { model: '/models/SmolLM2-135M' }, 'SmolLM2-135M'],
  ['a path of Windows', { model: 'C:\\models\\tiny' }, 'tiny'],
  ['the parent folder if the last part is generic', { model: '/runs/sft-1/checkpoint-12/' }, 'sft-1/checkpoint-12'],
  ['a name of the hub', { model: 'Qwen/Qwen2.5-1.5B' }, 'Qwen/Qwen2.5-1.5B'],
  [
    'both ends of a long name',
    { model: 'somebody/A-Very-Long-Name-Of-A-Model-Instruct-v0.3' },
    'somebody/A-Very…-Instruct-v0.3',
  ],
  ['nothing without a model', {}, ''],
])('in the line of a run: %s', (_, report, called) => {
  expect(runModel(report)).toBe(called);
});
