import { join } from 'node:path';
import * as vscode from 'vscode';
import { present } from '../../core/defined.ts';
import { formatCommand } from '../../core/text/format.ts';
import { plainName } from '../../store/names.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { count, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, continueBy, runSteps, type Step, separator } from '../ui/steps.ts';
import { saveOpen } from './train-request.ts';

/** Number of risks that the question lists. */
const SHOWN_RISKS = 8;

/** The configuration that the trainer of a run reads; undefined if the run is not a training. */
export function configPath(run: StoredRun): string | undefined {
  const { training } = run.record;
  return training === undefined ? undefined : join(jobFolderOf(run), plainName(training.config, 'a configuration'));
}

/**
 * Shows the command of a resume, what in the configuration and the model can run other code, and the configuration on demand, since the
 * folder may be untrusted.
 * @returns `allowCode`: whether other code may run. Undefined if the user does not confirm.
 */
export async function confirmResume(
  services: Services,
  run: StoredRun,
  args: VerbArgs<'resume-run'>,
): Promise<{ allowCode: boolean } | undefined> {
  const title = t('Preparing the command');
  const { command, env, risks } = await services.verbs.run(
    'resume-run',
    { ...args, plan: true },
    {
      title,
      access: await services.engineKeys.of([run.record.engine]),
    },
  );
  const config = configPath(run);
  let confirmed = false;
  const ask: Step = async (ui) => {
    const chosen = await ui.pick<'resume' | 'config'>({
      placeholder: t('Nothing runs yet. This is the command:'),
      choices: present<Choice<'resume' | 'config'> | PickItem>(
        {
          icon: 'play',
          label: t('Resume {0}…', run.record.id),
          detail: formatCommand(command),
          value: 'resume',
        },
        config !== undefined && {
          icon: 'go-to-file',
          label: t('Open Configuration'),
          description: run.record.training?.config ?? '',
          value: 'config',
        },
        risks.length !== 0 && separator(t('Can run code that is not from Longhand')),
        ...risks.map((risk) => ({ icon: 'warning', label: risk, value: 'config' })),
      ),
    });
    if (chosen === 'config' && config !== undefined) {
      await vscode.window.showTextDocument(vscode.Uri.file(config), { preview: false });
      return continueBy(t('Nothing runs yet. Continue when you have read the configuration.'), ask);
    }
    if (!(await allow(formatCommand(command, env), risks))) return ask;
    confirmed = true;
    return undefined;
  };
  await runSteps(t('Resume Training'), ask);
  if (!confirmed) return undefined;
  await saveOpen(config);
  return { allowCode: risks.length > 0 };
}

/** Asks with the full command, which a list would truncate. */
async function allow(line: string, risks: readonly string[]): Promise<boolean> {
  const command = line.replaceAll(' --', '\n  --');
  if (risks.length === 0) {
    const resume = t('Resume');
    const question = t('Run this command?');
    return (await showInformationMessage(question, { modal: true, detail: command }, resume)) === resume;
  }
  const resume = t('Resume and Allow Code');
  const question = t('Run this command and code that is not from Longhand?');
  const shown = risks.slice(0, SHOWN_RISKS).map((risk) => `• ${risk}`);
  const more = risks.length > SHOWN_RISKS ? [t('and {0} more', count(risks.length - SHOWN_RISKS))] : [];
  const trust = t('Resume only if you trust the source of this run.');
  const detail = [...shown, ...more, '', command, '', trust].join('\n');
  return (await showWarningMessage(question, { modal: true, detail }, resume)) === resume;
}
