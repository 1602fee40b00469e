import { stat } from 'node:fs/promises';
import { defined } from '../../core/defined.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { type ChainEntry, choicesOf, type Dataset, numberOf } from '../../store/index.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbResult } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

const FILE_NAME = /\.(?:jsonl|ndjson|json|parquet|eval)$/i;

type Listed = VerbResult<'chains'>['chains'][number];

export const run: Run<'chains'> = async (args, context) => {
  const { source, where = '', reviewer: as, sort: field, descending, limit } = args;
  const query = parseQuery(where);
  const found = await stat(source).catch(() => undefined);
  // A missing file, a FIFO or the like is reported as such.
  const isFile = found === undefined ? FILE_NAME.test(source) : !found.isDirectory();
  if (isFile) return (await import('./chains-of-file.ts')).chainsOfFile(source, query, args, context);
  const { distFolder, log, signal } = context;
  return withDataset(source, { log, distFolder }, async (dataset) => {
    const { index } = dataset;
    const sort = field && { field, ...defined({ descending }) };
    const found = await dataset.find(query, { as, sort, signal });
    const chains = found.slice(0, limit).map((chain) => listed(dataset, chain, as));
    return { total: found.length, all: index.chainCount, chains };
  });
};

function listed({ index }: Dataset, chain: ChainEntry, as: string | undefined): Listed {
  const [verdict = ''] = choicesOf(index, chain, 'verdict', as);
  const [level] = choicesOf(index, chain, 'level', as);
  const [topic] = choicesOf(index, chain, 'topic', as);
  const passRate = numberOf(index, chain, 'passRate');
  const { id, problemId: problem, round, model, class: class_, first, tokens } = chain;
  return {
    ...{ id, problem, round, model, verdict, tokens },
    ...defined({ level, topic, class: class_, first, passRate }),
    failed: [...choicesOf(index, chain, 'failed', as)],
    decision: index.decision(id, as),
  };
}

export const print: Print<'chains'> = ({ total, all, chains }) =>
  lines(
    `${formatCount(total)} of ${plural(all, 'chain')} match.`,
    ...chains.map((chain) => `  ${formatChain(chain)}`),
    ...(total > chains.length ? [`  … and ${formatCount(total - chains.length)} more; see --limit`] : []),
  );

function formatChain({ id, verdict, class: class_, tokens, failed, decision }: Listed): string {
  const filtered = failed.length === 0 ? [] : [`filtered out by ${failed.join(', ')}`];
  return [
    id,
    ...(class_ ? [class_] : []),
    ...(verdict ? [verdict] : []),
    plural(tokens, 'token'),
    ...filtered,
    decision,
  ].join(' · ');
}
