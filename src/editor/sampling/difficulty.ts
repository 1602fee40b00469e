import { FromDifficultyPage, type ToDifficultyPage } from '../../protocol/difficulty-page.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { saveFile } from '../ui/save-file.ts';
import { WebviewPage } from '../ui/webview-page.ts';

/** Show Difficulty: pass rates of the problems and what each round changed, also as files. */
export async function showDifficulty(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const title = t('Reading the rounds of {0}', ref.name);
  let report = await services.verbs.run('difficulty', { dataset: ref.folder }, { title });
  const send = (): void => page.post({ type: 'snapshot', dataset: ref.name, report });
  const page = new WebviewPage<FromDifficultyPage, ToDifficultyPage>({
    extension: services.context.extensionUri,
    bundle: 'difficulty',
    viewType: 'longhand.difficulty',
    title: t('Difficulty of {0}', ref.name),
    schema: FromDifficultyPage,
    receive: async (message) => {
      if (message.type === 'save') {
        const save = (path: string) => services.verbs.run('difficulty', { dataset: ref.folder, [message.what]: path });
        return saveFile(ref.folder, FILES[message.what], save);
      }
      if (message.type === 'refresh') report = await services.verbs.run('difficulty', { dataset: ref.folder });
      send();
    },
    shown: send,
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}

const FILES = { svg: 'difficulty.svg', csv: 'difficulty.csv', roundsCsv: 'difficulty-rounds.csv' } as const;
