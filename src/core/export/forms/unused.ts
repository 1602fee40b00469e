import type { ExportForm } from './form.ts';

/** Choices of an export that a form does not use, what they are about, and what the form has in place of it. */
export interface Unused {
  names: readonly string[];
  about: string;
  has: string;
}

const OF_CHAINS = ['chains', 'where', 'view', 'source', 'marker', 'leaveOut', 'dedupe', 'perProblem', 'validation'];

/** The choices that a form does not use, by their names in the arguments of `export`. Of `leaveOut`, problems use `contaminated`. */
export function unusedChoices({ unit, takes, mask }: ExportForm): Unused[] {
  const unused: Unused[] = [];
  const add = (isUnused: boolean, names: readonly string[], about: string, has: string): void => {
    if (isUnused) unused.push({ names, about, has });
  };
  add(unit === 'problem', [...OF_CHAINS, 'order'], 'is about chains', 'has a row for each problem');
  add(unit !== 'problem', ['passRate', 'suspects'], 'is about problem sets', 'has rows of chains');
  add(unit !== 'pair', ['pairs', 'pairsPerProblem'], 'is about pairs of chains', 'has none');
  add(unit !== 'problem' && takes !== 'selected', ['source'], 'is about kinds of chains', 'has no sources of rows');
  add(mask === 'none', ['unmasked'], 'is about the loss mask', 'has none');
  const isText = unit === 'problem' || takes === 'stepped';
  add(isText, ['reasoning', 'pieces', 'model'], 'is about the thought of a message', 'has no messages of an assistant');
  return unused;
}
