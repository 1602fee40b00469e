import { HUB_NAME_FORM, HUB_PREFIX, KNOWN_SETS, parseHubName } from '../../core/dataset/index.ts';
import type { HubOrigin } from '../../core/schemas/index.ts';
import { counted, t } from '../ui/format.ts';
import type { Choice, Step } from '../ui/steps.ts';

/** The choice of a set on the Hugging Face Hub. */
export function hubEntry<T>(value: T): Choice<T> {
  return {
    icon: 'cloud-download',
    label: t('Hugging Face set…'),
    description: t('uses the network'),
    value,
  };
}

/** Asks for a set on the Hugging Face Hub: a known one, or any by its name. `take` stores it and returns the next step. */
export function hubStep(take: (name: string) => Step | undefined): Step {
  return async (ui) => {
    const choices: Choice<string>[] = KNOWN_SETS.map(({ repo, title, problems }) => ({
      icon: 'cloud-download',
      label: repo,
      description: counted(problems, '{0} problem', '{0} problems'),
      detail: title,
      value: HUB_PREFIX + repo,
    }));
    choices.push({ icon: 'edit', label: t('Another set…'), value: '' });
    const chosen = await ui.pick({
      placeholder: t('Longhand downloads the card, the file list and the rows of the set to its cache.'),
      choices,
    });
    return chosen === '' ? namedSet(take) : take(chosen);
  };
}

function namedSet(take: (name: string) => Step | undefined): Step {
  return async (ui) => {
    const text = await ui.input({
      prompt: t('Which set on the Hugging Face Hub? Its files are downloaded.'),
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

/** The name with its prefix, which pasted names lack. */
function prefixed(text: string): string {
  const plain = text.trim();
  return plain.startsWith(HUB_PREFIX) ? plain : HUB_PREFIX + plain;
}

/** Commit, files and licence of a downloaded set. */
export function originText({ repo, commit, files, licence }: HubOrigin): string {
  const terms = licence === undefined ? t('no licence in its card') : t('licence {0}', licence);
  const paths =
    files.length > 3 ? counted(files.length, '{0} file', '{0} files') : files.map(({ path }) => path).join(', ');
  return `${repo}@${commit.slice(0, 7)} · ${paths} · ${terms}`;
}
