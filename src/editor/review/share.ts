import { formatQuery } from '../../core/query/query.ts';
import { MOST_SHARED } from '../../protocol/share.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { saveFile } from '../ui/save-file.ts';
import { askQuery } from './filter-chains.ts';

/** Share Review…: writes the chains of a query as a page for people without VS Code. The query of the Review Queue is proposed. */
export async function shareReview(services: Services, what: unknown): Promise<void> {
  const ref = await services.datasets.resolve(what);
  const dataset = await services.datasets.open(ref);
  const title = t('Share Review');
  const asked = t('{0}: at most {1}', title, counted(MOST_SHARED, '{0} chain', '{0} chains'));
  const query = await askQuery(asked, dataset, services.queries.of(ref));
  if (query === undefined) return;
  await saveFile(ref.folder, `${ref.name}.html`, (out) =>
    services.verbs.run('share', { dataset: ref.folder, where: formatQuery(query), out }, { title }),
  );
}
