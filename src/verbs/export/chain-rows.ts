import type { FindingId } from '../../core/examine/kinds.ts';
import {
  type ChainForm,
  EXPORT_FORMS,
  exportChain,
  reviewedText,
  Tally,
  unmasked,
  withoutMask,
} from '../../core/export/index.ts';
import type { PlacedChain, PlacedChains } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
import { type BesideLines, besideLines } from './beside.ts';
import { isSeparated, markOf, type SelectedChain } from './candidates.ts';
import { type RowLines, rowTexts } from './files.ts';
import { isAsChosen, type ReadChain } from './read-chain.ts';
import type { LaidOutArgs } from './reasoning.ts';

/** What the rows of an export are made with: plain values. */
export interface RowsOf {
  args: LaidOutArgs;
  settings: Dataset['settings'];
}

/**
 * The rows of a chain, which are counted.
 * @param findings What the last examination found in it.
 * @returns `form`: it can't express the chain. `not-accepted`: its decision is another one than it was chosen by.
 */
export function chainRows(
  row: RowChoice,
  read: ReadChain,
  findings: readonly FindingId[],
  { args, settings }: RowsOf,
  tally: Tally,
): { rows: readonly (object | undefined)[]; beside: BesideLines } | 'form' | 'not-accepted' {
  const form = EXPORT_FORMS[args.form ?? 'sft'] as ChainForm;
  if (form.takes !== 'stepped' && !isAsChosen(read.review.decision, args, row.label)) return 'not-accepted';
  const { chain, problem, judgement } = read;
  const review = args.unmasked ? withoutMask(read.review) : read.review;
  const marked = markOf({ settings }, row, problem.problem, args);
  const exported = exportChain(chain, problem, review, marked, args.layout);
  const rows = form.rows(exported, { label: row.label ?? true, review });
  if (!rows.some((one) => one !== undefined)) return 'form';
  tally.add(chain, problem, review, form.mask === 'none' ? unmasked(exported) : exported, {
    ...{ label: row.label, findings },
    warns: form.takes !== 'stepped' && row.label !== false,
  });
  if (isSeparated(args)) tally.from(row.source);
  if (judgement) tally.judged(judgement);
  return { rows, beside: besideLines(marked?.id ?? row.id, problem, review, exported) };
}

/** What the rows of a chain need of its selection. */
type RowChoice = Pick<SelectedChain, 'id' | 'label' | 'source'>;

/** A chain whose rows are made in another thread. */
export interface ChainToWrite {
  row: RowChoice;
  at: PlacedChain;
  findings: readonly FindingId[];
}

/** Rows of several chains, in their order. */
export interface MadeRows {
  /** In the order of the form's files. */
  files: RowLines[];
  beside: BesideLines[];
  /** Why chains have no row, by id. */
  left: Map<string, 'form' | 'not-accepted'>;
  tally: Tally['tallied'];
}

/** Makes the rows of several chains. @throws Error where a file has changed since it was indexed */
export async function makeRows(chains: readonly ChainToWrite[], reader: PlacedChains, how: RowsOf): Promise<MadeRows> {
  const tally = new Tally();
  const { files, takes } = EXPORT_FORMS[how.args.form ?? 'sft'];
  const rows = files.map((): Buffer[] => []);
  const problems = new Set<string>();
  const made: MadeRows = { files: [], beside: [], left: new Map(), tally: tally.tallied };
  for (const { row, at, findings } of chains) {
    const read = await reader.read(at);
    const review = reviewedText(read.chain, at.acts, takes === 'stepped');
    const found = chainRows(row, { ...read, review }, findings, how, tally);
    if (found === 'form' || found === 'not-accepted') made.left.set(row.id, found);
    else {
      for (const [i, text] of rowTexts(found.rows).entries())
        if (text !== undefined) rows[i]?.push(Buffer.from(`${text}\n`));
      const { problem, reviews } = found.beside;
      // Neighbouring chains often have the same problem, which is written once.
      if (reviews.length > 0 || !problems.has(problem.id)) made.beside.push(found.beside);
      problems.add(problem.id);
    }
  }
  made.files = rows.map((lines) => ({ bytes: joined(lines), rows: lines.length }));
  return made;
}

/** In memory of their own, which can be moved to another thread. */
function joined(lines: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lines.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const line of lines) {
    bytes.set(line, end);
    end += line.length;
  }
  return bytes;
}
