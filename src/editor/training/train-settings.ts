import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { t } from '../ui/format.ts';
import type { Step } from '../ui/steps.ts';
import type { TrainSetting } from './train-plan.ts';

type Args = VerbArgs<'train'>;
type Plan = VerbResult<'train'>['plan'];
type Settings = NonNullable<Args['settings']>;

/** Asks for one setting, then continues with `next`. */
export function askSetting(what: TrainSetting, plan: Plan, args: Args, next: Step): Step {
  const { settings, lengths } = plan;
  const change = (changed: Settings): Step => {
    args.settings = { ...args.settings, ...changed };
    return next;
  };
  switch (what) {
    case 'length':
      return askLength(settings.epochs, args, next);
    case 'learningRate':
      return askNumber(t('Learning rate'), String(settings.learningRate), between(0, 1, false), (learningRate) =>
        change({ learningRate }),
      );
    case 'batch':
      return askNumber(
        t('Batch size: rows in one forward pass. A larger one needs more memory.'),
        String(settings.batchSize),
        between(1, 4096, true),
        (batchSize) =>
          askNumber(
            t('Gradient accumulation: forward passes in one step'),
            String(settings.accumulate),
            between(1, 4096, true),
            (accumulate) => change({ batchSize, accumulate }),
          ),
      );
    case 'lora':
      return askNumber(
        t('Rank of the LoRA adapter, such as 32. Enter 0 for full fine-tuning.'),
        String(settings.loraRank),
        between(0, 1024, true),
        (loraRank) => change({ loraRank }),
      );
    case 'maxLength':
      return askNumber(
        t(
          'Max length of a row in tokens, with prompt and answer. Longer rows are truncated at the end. The longest one has {0}.',
          lengths.longest,
        ),
        String(lengths.maxLength),
        between(1, 10_000_000, true),
        (maxLength) => change({ maxLength }),
      );
    case 'saveSteps':
      return askNumber(
        t('Steps between checkpoints'),
        String(settings.saveSteps ?? 100),
        between(1, 1_000_000, true),
        (saveSteps) => change({ saveSteps }),
      );
    case 'resources':
      return askResources(plan.resources, args, next);
    case 'name':
      return askName(args, next);
  }
}

function askResources({ gpus, cpus }: Plan['resources'], args: Args, next: Step): Step {
  const question = t('GPUs to request from the cluster. Enter 0 to train on CPUs.');
  return askNumber(question, String(gpus), between(0, 1024, true), (gpus) =>
    askNumber(t('CPU cores to request from the cluster'), String(cpus), between(1, 4096, true), (cores) => {
      args.resources = { ...args.resources, gpus, cpus: cores };
      return next;
    }),
  );
}

function askName(args: Args, next: Step): Step {
  return async (ui) => {
    const name = await ui.input({
      prompt: t('Name of the run, after its number'),
      validate: (value) =>
        value.trim() === '' || /[/\\]/.test(value)
          ? t('The name becomes a folder name and can’t contain slashes.')
          : undefined,
    });
    args.name = name.trim();
    return next;
  };
}

function askLength(epochs: number, args: Args, next: Step): Step {
  return async (ui) => {
    const unit = await ui.pick<'epochs' | 'maxSteps'>({
      placeholder: t('How do you set the training length?'),
      choices: [
        { label: t('Epochs'), description: t('passes over all rows'), value: 'epochs' },
        { label: t('Steps'), description: t('total number of steps'), value: 'maxSteps' },
      ],
    });
    const prompt = unit === 'epochs' ? t('Epochs') : t('Total steps');
    const valid = unit === 'epochs' ? between(0, 1000, false) : between(1, 100_000_000, true);
    return askNumber(prompt, unit === 'epochs' ? String(epochs) : '', valid, (value) => {
      const { maxSteps: _, ...rest } = args.settings ?? {};
      args.settings = { ...rest, [unit]: value };
      return next;
    });
  };
}

type Validate = (value: string) => string | undefined;

function askNumber(prompt: string, value: string, validate: Validate, use: (value: number) => Step): Step {
  return async (ui) => use(Number(await ui.input({ prompt, value, validate })));
}

/** @param whole Whole numbers from `low`; otherwise any numbers above it. */
function between(low: number, high: number, whole: boolean): Validate {
  return (value) => {
    const number = Number(value);
    const fits = whole ? Number.isInteger(number) && number >= low : number > low;
    if (value.trim() !== '' && fits && number <= high) return undefined;
    return whole ? t('A whole number from {0} to {1}', low, high) : t('A number above {0}, at most {1}', low, high);
  };
}
