import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Objective } from '../../../src/core/schemas/index.ts';
import { risksIn } from '../../../src/core/training/config-risks.ts';
import { axolotl } from '../../../src/trainers/axolotl/axolotl.ts';
import { trainerOf } from '../../../src/trainers/index.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { swift } from '../../../src/trainers/swift/swift.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { aRequest, configOf } from './a-request.ts';

/** Every trainer with a configuration in YAML, as it trains for each of its objectives. */
const WRITTEN = [trl, llamaFactory, swift, axolotl].flatMap(({ name, objectives }) =>
  Objective.options
    .filter((objective) => objective === 'sft' || objectives?.[objective])
    .map((objective) => ({ name, objective })),
);
const PLACES = { model: '/models/tiny', job: '/data/set/runs/round-1/job' };
const settings = fc.record({
  loraRank: fc.constantFrom(0, 8),
  maxSteps: fc.constantFrom(undefined, 100),
  saveSteps: fc.constantFrom(undefined, 50),
  learningRate: fc.constantFrom(1e-5, 2e-4, 0.01),
  epochs: fc.constantFrom(1, 2.5),
  maxLength: fc.constantFrom(undefined, 4096),
});
const paths = fc.stringMatching(/^\/[ -~äé]{1,40}$/).filter((path) => !path.includes('${') && !path.endsWith('/'));

describe('a stored configuration', () => {
  test.each(WRITTEN)('written by Longhand for $name and $objective has no risk', ({ name, objective }) => {
    const trainer = trainerOf(name, objective);
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom('cpu', 'gpu'),
        paths,
        paths,
        fc.boolean(),
        fc.constantFrom({}, { validation: { longest: 100 } }),
        (chosen, device, model, run, rendered, validation) => {
          const job = `${run.replaceAll('/../', '/')}/job`;
          fc.pre(!job.split('/').includes('..'));
          const place = { job, out: `${run}/out`, progress: `${run}/progress.jsonl`, frames: false };
          const request = aRequest({
            settings: chosen,
            device: device as 'cpu' | 'gpu',
            model,
            place,
            rendered,
            ...validation,
          });
          expect(risksIn(configOf(trainer, request), { model, job })).toEqual([]);
        },
      ),
    );
  });

  test.each([
    ['seed: 7  # as before'],
    ['dpo:\n  loss_type: [sigmoid, ipo]'],
    ['weight_decay: 0.1\r\nadam-beta1: 0.9'],
    ['lora_target_modules:\n  - q_proj\n  - v_proj'],
    ['target_modules: [q_proj, v_proj]'],
    ['trust_remote_code: false'],
    ['chat_template: "templates/a b.jinja"'],
    ['report_to: none'],
  ])('may contain %j without a risk', (config) => {
    expect(risksIn(config, PLACES)).toEqual([]);
  });

  test.each([
    ['trust_remote_code: true'],
    ['trust-remote-code: true'],
    ['trust_remote_code: yes'],
    ['"trust_remote_code": true'],
    ['"trust\\x5fremote_code": true'],
    ['? trust_remote_code\n: true'],
    ['seed: 1\u2028trust_remote_code: true'],
    ['# a\u0085trust_remote_code: true'],
    ['# a\rtrust_remote_code: true'],
    ['{trust_remote_code: true}'],
    ['sft: {trust_remote_code: true}'],
    ['sft: {seed: 1, model_init_kwargs: {trust_remote_code: true}}'],
    ['dpo:\n  model_init_kwargs: {trust_remote_code: true}'],
    ['sft:\n  model_init_kwargs:\n    attn_implementation: kernels-community/flash'],
    ['attn_implementation: kernels-community/flash'],
    ['plugins: [evil.Plugin]'],
    ['plugins: [longhand_axolotl.LonghandPlugin, evil.Plugin]'],
    ['plugins:\n  - evil.Plugin'],
    ['plugins: [longhand_axolotl.LonghandPlugin]\nplugins: [evil.Plugin]'],
    ['datasets:\n  - path: /data/set/runs/round-1/job/rows.jsonl\n    type: evil.strategy'],
    ['datasets:\n  - path: owner/set'],
    ['path: /data/set/runs/round-1/job/../../../evil'],
    ['dataset_dir: /elsewhere'],
    ['dataset_dir: REMOTE:owner/set'],
    ['dataset: alpaca'],
    ['external_plugins: [/tmp/evil.py]'],
    ['external_plugins: ["/data/set/runs/round-1/job/longhand_swift.py", "/tmp/evil.py"]'],
    ['external_plugins: ["/data/set/runs/round-1/job/../evil/longhand_swift.py"]'],
    ['custom_register_path: /tmp/evil.py'],
    ['callbacks: [evil]'],
    ['model: owner/evil'],
    ['model: /models/tiny\n  - evil'],
    ['base_model: "/models/tiny2"'],
    ['deepspeed: /tmp/ds.json'],
    ['push_to_hub: true'],
    ['report_to: wandb'],
    ['report_to: [none, wandb]'],
    ['seed: !!python/object/apply:os.system [id]'],
    ['a: &x b'],
    ['<<: *x'],
    ['seed: $' + '{oc.env:HF_TOKEN}'],
    ['model: "$' + '{oc.env:HF_TOKEN}"'],
    ['seed: |\n  x'],
    ['seed: "a\n  b"'],
    ['---\nseed: 1'],
    ['%YAML 1.1'],
    ['constructor: 1'],
    ['lora: {r: 8, constructor: 1}'],
  ])('has a risk with %j', (config) => {
    expect(risksIn(config, PLACES)).not.toEqual([]);
  });

  test('reports the lines', () => {
    expect(risksIn('seed: 1\n\nplugins: [evil.Plugin] # here\nmodel: /models/tiny\nunknown: 1', PLACES)).toEqual([
      { line: 3, text: 'plugins: [evil.Plugin] # here' },
      { line: 5, text: 'unknown: 1' },
    ]);
  });
});
