import * as vscode from 'vscode';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import type { Step } from '../steps.ts';
import type { TrainSetting } from './train-plan.ts';

type Args = VerbArgs<'train'>;
type Plan = VerbResult<'train'>['plan'];
type Settings = NonNullable<Args['settings']>;

/** Asks for one setting, then goes on with `next`. Settings that were not asked for stay with the verb. */
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
      return askNumber(
        vscode.l10n.t('Learning rate'),
        String(settings.learningRate),
        between(0, 1, false),
        (learningRate) => change({ learningRate }),
      );
    case 'batch':
      return askNumber(
        vscode.l10n.t('Rows in one forward pass; more need more memory'),
        String(settings.batchSize),
        between(1, 4096, true),
        (batchSize) =>
          askNumber(
            vscode.l10n.t('Forward passes that make one step'),
            String(settings.accumulate),
            between(1, 4096, true),
            (accumulate) => change({ batchSize, accumulate }),
          ),
      );
    case 'lora':
      return askNumber(
        vscode.l10n.t('Rank of the LoRA adapter, such as 32; 0 trains all weights'),
        String(settings.loraRank),
        between(0, 1024, true),
        (loraRank) => change({ loraRank }),
      );
    case 'maxLength':
      return askNumber(
        vscode.l10n.t(
          'Tokens of a row at most, prompt and answer together; what is longer is cut at its end. The longest has {0}.',
          lengths.longest,
        ),
        String(lengths.maxLength),
        between(1, 10_000_000, true),
        (maxLength) => change({ maxLength }),
      );
    case 'saveSteps':
      return askNumber(
        vscode.l10n.t('A checkpoint every so many steps'),
        String(settings.saveSteps ?? 100),
        between(1, 1_000_000, true),
        (saveSteps) => change({ saveSteps }),
      );
    case 'resources':
      return askNumber(
        vscode.l10n.t('GPUs that the job asks the cluster for; 0 trains on processors'),
        String(plan.resources.gpus),
        between(0, 1024, true),
        (gpus) =>
          askNumber(
            vscode.l10n.t('Cores that the job asks for'),
            String(plan.resources.cpus),
            between(1, 4096, true),
            (cpus) => {
              args.resources = { ...args.resources, gpus, cpus };
              return next;
            },
          ),
      );
    case 'name':
      return async (ui) => {
        const name = await ui.input({
          prompt: vscode.l10n.t('Name of the run, behind its number'),
          validate: (value) =>
            value.trim() === '' || /[/\\]/.test(value)
              ? vscode.l10n.t('The name becomes a folder: no slashes.')
              : undefined,
        });
        args.name = name.trim();
        return next;
      };
  }
}

function askLength(epochs: number, args: Args, next: Step): Step {
  return async (ui) => {
    const unit = await ui.pick<'epochs' | 'maxSteps'>({
      placeholder: vscode.l10n.t('How long shall it train?'),
      choices: [
        { label: vscode.l10n.t('Epochs'), description: vscode.l10n.t('each row so many times'), value: 'epochs' },
        { label: vscode.l10n.t('Steps'), description: vscode.l10n.t('so many steps in all'), value: 'maxSteps' },
      ],
    });
    const prompt = unit === 'epochs' ? vscode.l10n.t('Epochs') : vscode.l10n.t('Steps in all');
    const valid = unit === 'epochs' ? between(0, 1000, false) : between(1, 100_000_000, true);
    return askNumber(prompt, unit === 'epochs' ? String(epochs) : '', valid, (value) => {
      const { maxSteps: _, ...rest } = args.settings ?? {};
      args.settings = { ...rest, [unit]: value };
      return next;
    });
  };
}

type Complaint = (value: string) => string | undefined;

function askNumber(prompt: string, value: string, validate: Complaint, use: (value: number) => Step): Step {
  return async (ui) => use(Number(await ui.input({ prompt, value, validate })));
}

/** `whole`: from `low`; else above it. */
function between(low: number, high: number, whole: boolean): Complaint {
  return (value) => {
    const number = Number(value);
    const fits = whole ? Number.isInteger(number) && number >= low : number > low;
    if (value.trim() !== '' && fits && number <= high) return undefined;
    return whole
      ? vscode.l10n.t('A whole number from {0} to {1}', low, high)
      : vscode.l10n.t('A number above {0}, at most {1}', low, high);
  };
}
