import { afterEach, describe, expect, it, vi } from 'vitest';
import { axolotl } from '../../../src/trainers/axolotl/axolotl.ts';
import { custom } from '../../../src/trainers/custom/custom.ts';
import { TRAINERS } from '../../../src/trainers/index.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { swift } from '../../../src/trainers/swift/swift.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { aRequest, configOf, flatYaml, wordsAfterPython } from './a-request.ts';

const ANSWER = '2 + 2 = 5 💥\n\nNo: it is 4. \\boxed{4}';
const CUT = [...'2 + 2 = 5 💥\n\n'].length;
const row = {
  id: 'c1',
  messages: [
    { role: 'user', content: 'What is 2 + 2?' },
    { role: 'assistant', content: ANSWER },
  ],
  loss_mask: [
    { start: 0, end: CUT, train: false },
    { start: CUT, end: [...ANSWER].length, train: true },
  ],
};

describe('every trainer', () => {
  it.each(TRAINERS.map((one) => [one.name, one] as const))(
    '%s fills in its configuration, with paths that YAML needs quoted',
    (_name, trainer) => {
      const odd = 'C: "it\'s" #1';
      const request = aRequest({
        model: odd,
        custom: ['train'],
        place: { ...aRequest().place, job: `/a ${odd}/runs/r/job` },
      });
      const config = configOf(trainer, request);
      expect(config).not.toMatch(/\$\{/);
      // Under custom, the command alone names the model.
      if (trainer.name !== 'custom') expect(config).toContain(JSON.stringify(odd));
      expect(trainer.command(request).command.length).toBeGreaterThan(0);
    },
  );

  it.each([trl, llamaFactory, swift, axolotl].map((one) => [one.name, one] as const))(
    '%s evaluates on the rows for validation, only where there are some',
    (_name, trainer) => {
      const setOf = (rest: Parameters<typeof aRequest>[0]): string => configOf(trainer, aRequest(rest));
      const file = `${aRequest().place.job}/validation.jsonl`;
      for (const rendered of [false, true]) {
        const used = setOf({ rendered, validation: { longest: 1000 } });
        expect(used).toContain('eval_strategy: "epoch"');
        if (trainer.name === 'llamafactory') expect(used).toMatch(/^eval_dataset: longhand_validation$/m);
        else expect(used.replaceAll(/^ *#.*$/gm, '')).toContain(file);
        const without = setOf({ rendered });
        expect(without).toContain('eval_strategy: "no"');
        expect(without.replaceAll(/^ *#.*$/gm, '')).not.toMatch(/validation\.jsonl|longhand_validation/);
        // No row for validation is truncated, unless you set a limit.
        expect(used).toMatch(/(?:max_length|cutoff_len|sequence_len): (?:null|4000)$/m);
      }
    },
  );

  it.each(TRAINERS.map((one) => [one.name, one] as const))(
    '%s puts no secret into command or environment',
    (_name, trainer) => {
      const { command, env } = trainer.command(aRequest({ custom: ['train'] }));
      expect([...command, ...Object.keys(env)].join(' ')).not.toMatch(/api.?key|token(?!izers)|secret/i);
    },
  );
});

describe.runIf(process.platform === 'linux')('the memory of a training on the CPU of this machine', () => {
  const MEMORY = ['MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_', 'MALLOC_TOP_PAD_'];
  afterEach(() => vi.unstubAllEnvs());

  it.each([trl, llamaFactory, swift, axolotl].map((one) => [one.name, one] as const))(
    '%s keeps it between steps, unless the environment of the user has such a setting',
    (_name, trainer) => {
      for (const name of MEMORY) vi.stubEnv(name, undefined);
      const named = (over: Parameters<typeof aRequest>[0] = {}): string[] =>
        Object.keys(trainer.command(aRequest(over)).env).filter((name) => name.startsWith('MALLOC_'));
      expect(named()).toEqual(MEMORY);
      expect(named({ device: 'gpu' })).toEqual([]);
      expect(named({ place: { ...aRequest().place, frames: true } })).toEqual([]);
      vi.stubEnv('MALLOC_TRIM_THRESHOLD_', '131072');
      expect(named()).toEqual([]);
    },
  );
});

describe('TRL', () => {
  it('starts a process for each GPU, so that torch does not split the batches of one', () => {
    const script = ['/data/set/runs/round-1/job/train_sft.py', '--config', '/data/set/runs/round-1/job/sft.yaml'];
    expect(wordsAfterPython(trl.command(aRequest()))).toEqual(script);
    expect(wordsAfterPython(trl.command(aRequest({ device: 'gpu', resources: { gpus: 1 } })))).toEqual(script);
    expect(wordsAfterPython(trl.command(aRequest({ device: 'gpu', resources: { gpus: 4 } })))).toEqual([
      ...['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', '4'],
      ...script,
    ]);
  });
});

describe('LLaMA-Factory', () => {
  it('gets a masked prefix as part of the question', () => {
    expect(llamaFactory.row?.({ id: 'c', prompt: 'Q\n\nwrong', completion: ' right' })).toEqual({
      messages: [
        { role: 'user', content: 'Q\n\nwrong' },
        { role: 'assistant', content: ' right' },
      ],
    });
    const [info] = llamaFactory.files?.(aRequest()) ?? [];
    const { longhand } = JSON.parse(info && 'content' in info ? info.content : '{}') as {
      longhand: Record<string, unknown>;
    };
    expect(longhand).toMatchObject({
      file_name: 'rows.jsonl',
      formatting: 'sharegpt',
      columns: { messages: 'messages' },
    });
  });

  it('truncates no row by default: the limit has a margin over the longest one, a larger margin over an estimate, or is the setting', () => {
    const limit = (request: Parameters<typeof aRequest>[0]) =>
      flatYaml(configOf(llamaFactory, aRequest(request))).cutoff_len;
    expect(limit({})).toBe('192');
    expect(limit({ lengths: { ...aRequest().lengths, exact: false } })).toBe('512');
    expect(limit({ settings: { maxLength: 100 }, lengths: { ...aRequest().lengths, exact: false } })).toBe('100');
  });

  it('trains all weights or a LoRA adapter', () => {
    expect(flatYaml(configOf(llamaFactory, aRequest()))).toMatchObject({
      finetuning_type: 'full',
      save_strategy: 'epoch',
      max_steps: '-1',
      use_cpu: 'true',
      bf16: 'false',
    });
    const lora = flatYaml(
      configOf(llamaFactory, aRequest({ settings: { loraRank: 8, maxSteps: 3, saveSteps: 2 }, device: 'gpu' })),
    );
    expect(lora).toMatchObject({
      finetuning_type: 'lora',
      lora_rank: '8',
      lora_alpha: '16',
      max_steps: '3',
      save_strategy: 'steps',
      save_steps: '2',
      bf16: 'true',
    });
  });

  it('keeps its log on resume, and extends the run only on request', () => {
    expect(wordsAfterPython(llamaFactory.command(aRequest()))).toEqual([
      '-m',
      'llamafactory.cli',
      'train',
      '/data/set/runs/round-1/job/lf.yaml',
    ]);
    const resumed = llamaFactory.command(aRequest({ from: '/o: ut/checkpoint-2', longer: { epochs: 4 } }));
    expect(resumed.command.slice(-3)).toEqual([
      'resume_from_checkpoint="/o: ut/checkpoint-2"',
      'overwrite_output_dir=false',
      'num_train_epochs=4',
    ]);
  });

  it('starts a process for each GPU with its interpreter, and uses its launcher for several nodes', () => {
    const many = llamaFactory.command(aRequest({ device: 'gpu', resources: { gpus: 4 } }));
    expect(wordsAfterPython(many).slice(0, 7)).toEqual([
      '-m',
      'torch.distributed.run',
      '--standalone',
      '--nproc_per_node',
      '4',
      '-m',
      'llamafactory.launcher',
    ]);
    const nodes = llamaFactory.command(aRequest({ device: 'gpu', resources: { gpus: 4, nodes: 2 } }));
    expect(nodes.env).toMatchObject({ FORCE_TORCHRUN: '1', NNODES: '2' });
    expect(wordsAfterPython(nodes).slice(0, 3)).toEqual(['-m', 'llamafactory.cli', 'train']);
  });

  it('explains its own errors', () => {
    expect(
      llamaFactory.failure?.("ValueError: Some keys are not used by the HfArgumentParser: ['ray_run_name']"),
    ).toMatchObject({ kind: 'bad-config', message: expect.stringContaining('ray_run_name') });
    expect(
      llamaFactory.failure?.('OSError: Could not load this library: /v/torchaudio/lib/_torchaudio.abi3.so'),
    ).toMatchObject({ kind: 'wrong-version' });
    expect(llamaFactory.failure?.('ValueError: Template qwen9 does not exist.')).toMatchObject({
      message: expect.stringContaining('qwen9'),
    });
    expect(llamaFactory.failure?.('Killed')).toBeUndefined();
  });
});

describe('ms-swift', () => {
  it('splits the answer into trained and masked parts that join to it', () => {
    const made = swift.row?.(row) as { messages: { role: string; content: string; loss?: boolean }[] };
    expect(made.messages.map(({ role, loss }) => [role, loss])).toEqual([
      ['user', undefined],
      ['assistant', false],
      ['assistant', true],
    ]);
    expect(
      made.messages
        .slice(1)
        .map(({ content }) => content)
        .join(''),
    ).toBe(ANSWER);
    expect(made.messages[2]?.content).toBe('No: it is 4. \\boxed{4}');
  });

  it('excludes a row without trained text', () => {
    expect(swift.row?.({ ...row, loss_mask: [{ start: 0, end: 999, train: false }] })).toBeUndefined();
  });

  it('keeps its output folder for a resume, and gives flags precedence over the file', () => {
    expect(flatYaml(configOf(swift, aRequest()))).toMatchObject({
      add_version: 'false',
      truncation_strategy: 'right',
      tuner_type: 'full',
    });
    const { command, env } = swift.command(
      aRequest({ from: '/out/checkpoint-2', longer: { maxSteps: 9 }, resources: { gpus: 2 }, device: 'gpu' }),
    );
    expect(command.slice(-4)).toEqual(['--resume_from_checkpoint', '/out/checkpoint-2', '--max_steps', '9']);
    expect(env).toMatchObject({ USE_HF: '1', NPROC_PER_NODE: '2' });
    expect(swift.command(aRequest()).env).not.toHaveProperty('NPROC_PER_NODE');
  });

  it('advises which template to set for an unknown model', () => {
    const log =
      "ValueError: Failed to automatically match `template_type` for `/m`. Multiple possible types found: ['llama', 'llama3']. Please specify";
    expect(swift.failure?.(log)).toMatchObject({
      kind: 'bad-config',
      advice: expect.stringContaining("Set template in swift.yaml: it suggests 'llama', 'llama3'"),
    });
  });
});

describe('axolotl', () => {
  it('marks trained text by offsets in code points, ends included', () => {
    const made = axolotl.row?.(row) as { messages: { training_detail?: unknown; content: string }[] };
    expect(made.messages[1]).toEqual({
      role: 'assistant',
      content: ANSWER,
      training_detail: [
        { begin_offset: 0, end_offset: CUT - 1, train: false },
        { begin_offset: CUT, end_offset: [...ANSWER].length - 1, train: true },
      ],
    });
  });

  it('trains in single precision without a GPU, where half precision fails at the first step', () => {
    const precision = (device: 'cpu' | 'gpu') => axolotl.variables?.(aRequest({ device }))['axolotl.precision'];
    expect(precision('cpu')).toBe('bf16: false\nfp16: false\nfloat32: true');
    expect(precision('gpu')).toBe('bf16: auto');
  });

  it('quotes the first error of its schema', () => {
    const log =
      '2 validation errors for AxolotlInputConfig\nsequence_len\n  Input should be a valid integer [type=int_parsing]\nx';
    expect(axolotl.failure?.(log)).toMatchObject({
      message: 'axolotl rejects the configuration: sequence_len: Input should be a valid integer.',
    });
  });
});

describe('a custom command', () => {
  const command = (words: string[], over = {}) => custom.command(aRequest({ custom: words, ...over })).command;

  it('fills in variables within each word, without splitting it and without a shell', () => {
    const model = '/m; rm -rf $HOME "x"';
    expect(
      command(['train', `--model=\${model}`, `\${rows}`, `\${out}`, `\${maxLength}`, `\${seed}`, `$\${HOME}`], {
        model,
      }),
    ).toEqual([
      'train',
      `--model=${model}`,
      '/data/set/runs/round-1/job/rows.jsonl',
      '/data/set/runs/round-1/out',
      '128',
      '42',
      `\${HOME}`,
    ]);
  });

  it('omits words with the checkpoint when there is none', () => {
    const words = ['train', `--resume=\${from}`, '--steps', `\${maxSteps}`];
    expect(command(words)).toEqual(['train', '--steps', '-1']);
    expect(command(words, { from: '/out/checkpoint-2', longer: { maxSteps: 9 } })).toEqual([
      'train',
      '--resume=/out/checkpoint-2',
      '--steps',
      '9',
    ]);
  });

  it('requires a command, and reports unknown variables', () => {
    expect(() => custom.command(aRequest())).toThrow('No command was given');
    expect(() => command(['train', `\${password}`])).toThrow(`\${password}`);
  });

  it('reads the progress file that the configuration names, but none outside the run', () => {
    const source = (config: unknown) =>
      typeof custom.progress === 'function' ? custom.progress(JSON.stringify(config)) : undefined;
    const progress = { file: 'logs/mine.jsonl', keys: { step: 'i', loss: 'l' } };
    const read = source({ progress });
    expect(read).toMatchObject({ from: 'file', path: 'logs/mine.jsonl' });
    expect(read?.from === 'file' ? read.parse('{"i": 2, "l": 0.5}') : undefined).toEqual({
      event: 'log',
      step: 2,
      loss: 0.5,
    });
    for (const file of ['../../secrets', '/etc/passwd', 'C:\\x', 'a/../../b', '\\\\host\\x']) {
      expect(source({ progress: { ...progress, file } })).toMatchObject({ from: 'log' });
    }
    expect(source({ progress: null })).toMatchObject({ from: 'log' });
    expect(source('nonsense')).toMatchObject({ from: 'log' });
  });
});
