import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowFinding } from '../../core/examine/finding.ts';
import type { FindingId } from '../../core/examine/kinds.ts';
import { examinationOf, FINDINGS_FILE, readFindings } from '../examination.ts';
import { placeOfTrace } from '../side-file.ts';
import type { RowFile } from '../source/row-file.ts';
import type { FileOrder } from './file-order.ts';

const DUPLICATES: readonly FindingId[] = ['exact-duplicate', 'near-duplicate', 'near-duplicate-reply'];

/** What an examination found in a chain. */
export interface ChainFindings {
  findings: FindingId[];
  /** The place of the first of the near duplicates of its problem. */
  group?: string;
  /** The place of the first of the replies that equal its own, or nearly. */
  replyGroup?: string;
}

/** A row from 0, and the chain of it that its id seems to name. */
interface Place {
  row: number;
  at: number;
}

interface Found {
  finding: FindingId;
  place: Place;
  /** Of duplicates. */
  first: Place | undefined;
}

/** The findings of the last examination of a file, by the places of its chains. */
export class FileFindings {
  readonly #path: string;
  #stamp = '';
  #found: readonly Found[] = [];
  #byPlace: { version: number; chains: Map<string, ChainFindings> } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether the file was examined and has not changed since. */
  get known(): boolean {
    return this.#stamp !== '';
  }

  /** By the places of the chains, as far as the order knows how many a row has. */
  of(order: Pick<FileOrder, 'chainsOf' | 'version'>): ReadonlyMap<string, ChainFindings> {
    if (this.#byPlace?.version === order.version) return this.#byPlace.chains;
    const chains = new Map<string, ChainFindings>();
    // An id that ends in #2 is that of a second chain, or of a row that is named so.
    const placeOf = ({ row, at }: Place): string => placeOfTrace(row + 1, at < order.chainsOf(row) ? at : 0);
    const at = (place: string): ChainFindings => {
      const known = chains.get(place) ?? { findings: [] };
      chains.set(place, known);
      return known;
    };
    for (const { finding, place, first } of this.#found) {
      const own = at(placeOf(place));
      if (!own.findings.includes(finding)) own.findings.push(finding);
      if (first === undefined) continue;
      const [group, others] = [placeOf(first), at(placeOf(first))];
      if (finding === 'near-duplicate') own.group = others.group = group;
      if (finding === 'near-duplicate-reply') own.replyGroup = others.replyGroup = group;
      // A reply that is nearly another one is in the group of that one.
      if (finding === 'exact-duplicate') for (const one of [own, others]) one.replyGroup ??= group;
    }
    this.#byPlace = { version: order.version, chains };
    return chains;
  }

  /**
   * Reads the findings if there are other ones. Waits until their rows are found.
   * @param most Bytes of findings up to which they are read. @returns whether there were other ones
   */
  async refresh(
    file: Pick<RowFile, 'rowOfLine'>,
    signal: AbortSignal,
    most = Number.POSITIVE_INFINITY,
  ): Promise<boolean> {
    const folder = examinationOf(this.#path);
    const [now, written] = await Promise.all(
      [this.#path, join(folder, FINDINGS_FILE)].map((path) => stat(path).catch(() => undefined)),
    );
    // An older file that was moved or copied here since has an earlier time of modification, but not of change.
    const changed = now === undefined ? Number.POSITIVE_INFINITY : Math.max(now.mtimeMs, now.ctimeMs);
    const isCurrent = written?.isFile() === true && changed <= written.mtimeMs;
    const stamp = isCurrent ? `${written.size} ${written.mtimeMs} ${written.ino} ${changed}` : '';
    if (stamp === this.#stamp || (isCurrent && written.size > most)) return false;
    const lines: RowFinding[] = [];
    if (isCurrent) for await (const finding of readFindings(folder)) lines.push(finding);
    this.#found = await withRows(lines, file, signal);
    this.#byPlace = undefined;
    this.#stamp = stamp;
    return true;
  }
}

/** Lines are looked up in their order, which reads each part of the file once. */
async function withRows(
  lines: readonly RowFinding[],
  file: Pick<RowFile, 'rowOfLine'>,
  signal: AbortSignal,
): Promise<Found[]> {
  const numbers = new Set(lines.flatMap(({ line = 0, groupLine = 0 }) => [line, groupLine]));
  const rows = new Map<number, number>();
  for (const line of [...numbers].sort((a, b) => a - b)) {
    signal.throwIfAborted();
    const row = line === 0 ? undefined : await file.rowOfLine(line);
    if (row !== undefined) rows.set(line, row);
  }
  const placeOf = (line: number | undefined, id: string): Place | undefined => {
    const row = rows.get(line ?? 0);
    return row === undefined ? undefined : { row, at: Number(/#([1-9]\d{0,5})$/.exec(id)?.[1] ?? 1) - 1 };
  };
  return lines.flatMap(({ finding, id, line, group, groupLine }) => {
    const place = placeOf(line, id);
    if (place === undefined) return [];
    const first = DUPLICATES.includes(finding) && group !== undefined ? placeOf(groupLine, group) : undefined;
    return { finding, place, first };
  });
}
