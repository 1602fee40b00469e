import * as vscode from 'vscode';
import { HUB_NAME_FORM, HUB_PREFIX, KNOWN_SETS, parseHubName } from '../core/importing/index.ts';
import type { HubOrigin } from '../core/model/index.ts';
import { formatCount } from './format.ts';
import type { Choice, Step } from './steps.ts';

/** The entry of a list of problem sets that leads to those of the Hugging Face hub. */
export function hubEntry<T>(value: T): Choice<T> {
  return {
    label: `$(cloud-download) ${vscode.l10n.t('Hugging Face set…')}`,
    description: vscode.l10n.t('uses the network'),
    value,
  };
}

/** Which set of the Hugging Face hub: a known one, or any by its name. `take` remembers it and gives the next step. */
export function hubStep(take: (name: string) => Step | undefined): Step {
  return async (ui) => {
    const choices: Choice<string>[] = KNOWN_SETS.map(({ repo, title, problems }) => ({
      label: `$(cloud-download) ${repo}`,
      description: vscode.l10n.t('{0} problems', formatCount(problems, vscode.env.language)),
      detail: title,
      value: HUB_PREFIX + repo,
    }));
    choices.push({ label: `$(edit) ${vscode.l10n.t('Another set…')}`, value: '' });
    const chosen = await ui.pick({
      placeholder: vscode.l10n.t(
        'The card, the list of files and the rows of the set are fetched and kept in the cache.',
      ),
      choices,
    });
    return chosen === '' ? namedSet(take) : take(chosen);
  };
}

function namedSet(take: (name: string) => Step | undefined): Step {
  return async (ui) => {
    const text = await ui.input({
      prompt: vscode.l10n.t('Which set of the Hugging Face hub? Its files are fetched over the network.'),
      placeholder: HUB_NAME_FORM,
      value: HUB_PREFIX,
      validate: (value) => {
        const name = parseHubName(prefixed(value));
        return 'reason' in name ? name.reason : undefined;
      },
    });
    return take(prefixed(text));
  };
}

/** People paste the name as the page of the set has it. */
function prefixed(text: string): string {
  const plain = text.trim();
  return plain.startsWith(HUB_PREFIX) ? plain : HUB_PREFIX + plain;
}

/** Which commit and files were fetched, and what may be done with them. */
export function originText({ repo, commit, files, licence }: HubOrigin): string {
  const terms =
    licence === undefined ? vscode.l10n.t('its card names no licence') : vscode.l10n.t('licence {0}', licence);
  const paths = files.length > 3 ? vscode.l10n.t('{0} files', files.length) : files.map(({ path }) => path).join(', ');
  return `${repo}@${commit.slice(0, 7)} · ${paths} · ${terms}`;
}
