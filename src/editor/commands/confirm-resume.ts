import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandInWords } from '../../core/text/command-words.ts';
import type { VerbArgs } from '../../protocol/verbs.ts';
import { plainName } from '../../store/names.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import type { Services } from '../services.ts';
import { runSteps, type Step } from '../steps.ts';
import { saveOpen } from './train-request.ts';

/** The configuration that the trainer of a run reads; undefined where the run is no training. */
export function configPath(run: StoredRun): string | undefined {
  const { training } = run.record;
  return training === undefined ? undefined : join(jobFolderOf(run), plainName(training.config, 'a configuration'));
}

/**
 * Shows the command that a resume would run, and on demand the configuration, which may be somebody else's: a folder can come from a stranger.
 * @returns Whether it shall run.
 */
export async function confirmResume(
  services: Services,
  run: StoredRun,
  args: VerbArgs<'resume-run'>,
): Promise<boolean> {
  const title = vscode.l10n.t('Looking at what would run');
  const { command, env } = await services.verbs.run(
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
      placeholder: vscode.l10n.t('Nothing runs yet. This would be run:'),
      choices: [
        {
          label: `$(play) ${vscode.l10n.t('Resume {0}…', run.record.id)}`,
          detail: commandInWords(command),
          value: 'resume',
        },
        ...(config === undefined
          ? []
          : [
              {
                label: `$(go-to-file) ${vscode.l10n.t('Open the Configuration')}`,
                description: run.record.training?.config ?? '',
                value: 'config' as const,
              },
            ]),
      ],
    });
    if (chosen === 'config' && config !== undefined) {
      await vscode.window.showTextDocument(vscode.Uri.file(config), { preview: false });
      return ask;
    }
    if (!(await allow(commandInWords(command, env)))) return ask;
    confirmed = true;
    return undefined;
  };
  await runSteps(vscode.l10n.t('Resume Run'), ask);
  if (confirmed) await saveOpen(config);
  return confirmed;
}

/** The whole of the command, which no row of a list could show. */
async function allow(words: string): Promise<boolean> {
  const resume = vscode.l10n.t('Resume');
  const question = vscode.l10n.t('Run this command?');
  const detail = words.replaceAll(' --', '\n  --');
  return (await vscode.window.showInformationMessage(question, { modal: true, detail }, resume)) === resume;
}
