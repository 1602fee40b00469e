import type { z } from 'zod';
import type { FileFormats } from '../features.ts';
import type { ExportedChain } from '../rows.ts';
import type { ReviewedText } from '../select.ts';
import type { KnownProblem } from './problems.ts';

/** A file of rows in the folder of an export. */
export interface FormFile {
  /** Name in the folder. */
  name: string;
  /** Configuration of the Hugging Face Hub. */
  config: string;
  /** What a row has, in Markdown, for the card. */
  holds: string;
  row: z.ZodType;
}

interface FormBase {
  /** Value of `--form`. */
  id: string;
  title: string;
  /** One sentence. */
  summary: string;
  /** What else its rows have, in Markdown, for the card. */
  about: string;
  files: readonly FormFile[];
  /** Files of rows where nothing else is asked for; `jsonl` when absent. */
  formats?: FileFormats;
}

/**
 * A row for each chain, or none. `takes`: `selected` chains; `labelled` ones, which are selected or the opposite (see chainLabel);
 * or `stepped` ones, whose steps a reviewer labelled, whatever their decision.
 * `mask`: what becomes of the loss mask. `exact`: the rows have it. `prefix`: masked text is in the prompt, and chains that can't be written so
 * have no row. `none`: whole answers are trained on or compared.
 */
export interface ChainForm extends FormBase {
  unit: 'chain';
  takes: 'selected' | 'labelled' | 'stepped';
  mask: 'exact' | 'prefix' | 'none';
  /** The row of each file, in the order of `files`; undefined where the chain can't be written in that form. */
  rows(chain: ExportedChain, about: { label: boolean; review: ReviewedText }): readonly (object | undefined)[];
  /** The steps of a row with their labels as they are written, in a form that takes stepped chains. */
  steps?(review: ReviewedText): { text: string; label: string }[];
}

/** A row for each pair of chains of one problem; see pairUp. */
export interface PairForm extends FormBase {
  unit: 'pair';
  takes: 'labelled';
  mask: 'none';
  rows(chosen: ExportedChain, rejected: ExportedChain): readonly (object | undefined)[];
}

/** A row for each problem, without a chain. */
export interface ProblemForm extends FormBase {
  unit: 'problem';
  takes: 'problems';
  mask: 'none';
  /** @param index Of the row, from 0. */
  rows(problem: KnownProblem, index: number): readonly (object | undefined)[];
  /** Files without rows by name, such as code. */
  extras?: Readonly<Record<string, string>>;
}

/** What an export writes: its files, and how their rows are made. The first file is the default configuration. */
export type ExportForm = ChainForm | PairForm | ProblemForm;
