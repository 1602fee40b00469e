import { defined } from '../../core/defined.ts';
import type { FindingId } from '../../core/examine/kinds.ts';
import {
  type ChainForm,
  EXPORT_FORMS,
  exportChain,
  type FileFormats,
  featuresOf,
  reviewedText,
  Tally,
  unmasked,
  withoutMask,
} from '../../core/export/index.ts';
import type { PlacedChain, PlacedChains } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
import { type BesideLines, besideLines } from './beside.ts';
import { isSeparated, markOf, type SelectedChain } from './candidates.ts';
import { type MadeFile, rowTexts } from './files.ts';
import { RowEncoder } from './parquet-pages.ts';
import { isAsChosen, type ReadChain } from './read-chain.ts';
import type { LaidOutArgs } from './reasoning.ts';

/** What the rows of an export are made with: plain values. */
export interface RowsOf {
  args: LaidOutArgs;
  settings: Dataset['settings'];
}

/** With the formats of the files. */
export interface MadeAs extends RowsOf {
  formats: FileFormats;
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
  files: MadeFile[];
  beside: BesideLines[];
  /** Why chains have no row, by id. */
  left: Map<string, 'form' | 'not-accepted'>;
  tally: Tally['tallied'];
}

/** Makes the rows of several chains. @throws Error where a file has changed since it was indexed */
export async function makeRows(chains: readonly ChainToWrite[], reader: PlacedChains, how: MadeAs): Promise<MadeRows> {
  const tally = new Tally();
  const { files, takes } = EXPORT_FORMS[how.args.form ?? 'sft'];
  // A line has more than its row.
  const size = chains.reduce((sum, { at }) => sum + at.chain.length, 0);
  const made = files.map(({ row }) => ({
    lines: how.formats === 'parquet' ? undefined : new Lines(size),
    pages: how.formats === 'jsonl' ? undefined : new RowEncoder(featuresOf(row)),
    rows: 0,
  }));
  const problems = new Set<string>();
  const beside: BesideLines[] = [];
  const left: MadeRows['left'] = new Map();
  for (const { row, at, findings } of chains) {
    const read = await reader.read(at);
    const review = reviewedText(read.chain, at.acts, takes === 'stepped');
    const found = chainRows(row, { ...read, review }, findings, how, tally);
    if (found === 'form' || found === 'not-accepted') left.set(row.id, found);
    else {
      const texts = how.formats === 'parquet' ? [] : rowTexts(found.rows);
      for (const [i, file] of made.entries()) {
        const [value, text] = [found.rows[i], texts[i]];
        if (value === undefined) continue;
        file.rows++;
        if (text !== undefined) file.lines?.add(text);
        file.pages?.add(value);
      }
      const { problem, reviews } = found.beside;
      // Neighbouring chains often have the same problem, which is written once.
      if (reviews.length > 0 || !problems.has(problem.id)) beside.push(found.beside);
      problems.add(problem.id);
    }
  }
  return {
    files: made.map(({ rows, lines, pages }) => ({
      rows,
      ...defined({ lines: lines?.bytes, pages: pages?.encoded() }),
    })),
    ...{ beside, left, tally: tally.tallied },
  };
}

/** The memory of the rows, which can be moved to another thread. */
export const memoryOf = ({ files }: MadeRows): ArrayBuffer[] =>
  files.flatMap(({ lines, pages }) => [lines, pages?.bytes].flatMap((bytes) => bytes?.buffer ?? []));

/** Most bytes of a code unit in UTF-8. */
const WIDEST = 3;

/** Texts as lines of UTF-8, in memory of their own, which can be moved to another thread. */
class Lines {
  #memory: Buffer<ArrayBuffer>;
  #end = 0;

  /** @param size Bytes that are probably enough. */
  constructor(size: number) {
    this.#memory = Buffer.allocUnsafeSlow(size);
  }

  add(text: string): void {
    const most = this.#end + text.length * WIDEST + 1;
    if (most > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, 2 * this.#memory.length));
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#end += this.#memory.write(text, this.#end, 'utf8');
    this.#memory[this.#end++] = LINE_END;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#end);
  }
}

const LINE_END = 0x0a;
