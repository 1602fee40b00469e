import type { Query } from '../../core/query/query.ts';
import type { ChainEntry } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import { choiceColumn, kindsOf, numberColumn } from './field-columns.ts';
import { FACETS, type Facet, facetCounts, positionsOf, type QueryScope, type QueryTable, type Sort } from './query.ts';
import { textRanks } from './text-ranks.ts';
import { Texts } from './texts.ts';

/** As `queryPositions`, the chains themselves. */
export function queryChains(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): ChainEntry[] {
  return Array.from(queryPositions(index, query, scope, sort), (position) => index.chainTable.at(position));
}

/** As `positionsOf`: positions in the index, which are valid until the next refresh that changes chains. */
export function queryPositions(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): Uint32Array {
  return positionsOf(tableOf(index), query, scope, sort);
}

/** As `facetCounts`, of all facets. */
export function countFacets(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
): Record<Facet, ReadonlyMap<string, number>> {
  return facetCounts(tableOf(index), query, scope, FACETS);
}

/** The chains of a dataset, until its next refresh. */
function tableOf(index: DatasetIndex): QueryTable {
  const { chainTable, versions } = index;
  return {
    size: index.chainCount,
    versions,
    id: (position) => chainTable.rows.value(position, 'id'),
    choices: (field, as) => choiceColumn(index, field, as),
    numbers: (field) => numberColumn(index, field),
    idOrder: (field) => {
      if (field === 'chain') return chainTable.rows.keyRanks();
      const { kinds, first } = kindsOf(index, ['problemId']);
      const texts = new Texts();
      for (const position of first) texts.push(chainTable.rows.value(position, 'problemId'));
      const order = textRanks(first.length, texts);
      return kinds.map((kind) => order[kind] ?? 0);
    },
    idMatcher: (field, ids) => {
      if (field === 'chain') {
        const positions = new Set([...ids].map((id) => chainTable.find(id)));
        return (position) => positions.has(position);
      }
      const isWanted = chainTable.rows.where('problemId', ids);
      return (position) => isWanted[position] === 1;
    },
    judgement: (position) => chainTable.judgement(position),
    graded: (as) => gradedChains(index, as),
  };
}

function gradedChains(index: DatasetIndex, as: string | undefined): Uint8Array {
  const { chainTable } = index;
  const graded = chainTable.rows.where('outcome', new Set<ChainEntry['outcome']>(['correct', 'incorrect']));
  for (const id of index.reviewed()) {
    const override = index.override(id, as);
    if (override !== undefined) graded[chainTable.find(id)] = override === 'unknown' ? 0 : 1;
  }
  return graded;
}
