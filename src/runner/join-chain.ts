import { chainSpans } from '../core/behaviours/annotate.ts';
import { type AssembledClass, assemble, type Connectives } from '../core/dialogue/index.ts';
import { runFilters } from '../core/filters/index.ts';
import type { Chain, FilterSettings } from '../core/model/index.ts';

/** What a chain is made of, before its pieces are joined. */
export type ChainParts = Omit<Chain, 'class' | 'text' | 'segments' | 'spans' | 'filters' | 'passed' | 'candidates'> & {
  class: AssembledClass;
};

export interface JoinSettings {
  filters: FilterSettings;
  untrained: readonly string[];
  connectives: Connectives;
}

/** Joins the pieces to a chain and runs the filters over it. `problem`: the text of its problem. */
export function joinChain(parts: ChainParts, problem: string, settings: JoinSettings): Chain {
  const { id, class: chainClass, pieces, verdict, hinted } = parts;
  const assembled = assemble(id, chainClass, pieces, settings);
  const filters = runFilters(
    { class: chainClass, text: assembled.text, pieces, verdict, ...(hinted ? { hinted } : {}) },
    settings.filters,
  );
  return {
    ...parts,
    text: assembled.text,
    segments: assembled.segments,
    spans: chainSpans(assembled, problem),
    filters,
    passed: filters.every((filter) => filter.passed),
  };
}
