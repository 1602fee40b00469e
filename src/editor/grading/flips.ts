import { defined } from '../../core/defined.ts';
import { type ChainClass, type GradingRow, pieceText, sampleOutcome } from '../../core/schemas/index.ts';
import { formatCount } from '../../core/text/format.ts';
import { code } from '../../core/text/markdown.ts';
import { gradingRows } from '../../store/gradings.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { ending } from '../../verbs/grading/graded-source.ts';
import { comparisonText } from '../../verbs/grading/print.ts';
import type { VerbResult } from '../../verbs/index.ts';

type Compared = VerbResult<'compare-gradings'>;
/** A grading and its counts. */
type Found = Pick<VerbResult<'regrade'>, 'folder' | 'policy' | 'answers' | 'chains'>;
type ChainRow = Extract<GradingRow, { kind: 'chain' }>;

/** Flips that a page lists with their texts; the default of `compare-gradings`. */
const LISTED = 1000;

/**
 * The flips of a grading as a Markdown page: verdicts before (A) and after (B) with gold, both extracted answers and the end of the text,
 * then chains whose class or filters change.
 */
export async function flipsPage(
  dataset: Pick<Dataset, 'journal' | 'chain'>,
  found: Found,
  signal: AbortSignal,
  log?: (text: string) => void,
): Promise<string> {
  const { folder, policy, answers, chains } = found;
  const rows = new Map<string, GradingRow>();
  for await (const row of gradingRows(folder, log)) {
    signal.throwIfAborted();
    const id = `${row.kind} ${row.id}`;
    // A later row with the same id replaces an earlier one.
    rows.delete(id);
    if (isFlip(row) || isMoved(row)) rows.set(id, row);
  }
  const changed = [...rows.values()];
  const flips = changed.filter(isFlip);
  const shown = flips.slice(0, LISTED).filter(({ kind }) => kind === 'answer');
  const rounds = [...new Set(shown.map(({ round }) => round))];
  const texts = await answerTexts(dataset, new Set(shown.map(({ id }) => id)), rounds, signal);
  const text = comparisonText(compared(flips, texts, answers + chains, policy), {
    title: `What changes with “${policy}”`,
    unlisted: (count) => `… and ${formatCount(count)} more in ${code(folder)}.`,
  });
  return [text, ...movedSection(changed.filter(isMoved)), ''].join('\n\n');
}

function isFlip({ old, new: now, ended }: GradingRow): boolean {
  return old === undefined || sampleOutcome(old.outcome, ended) !== sampleOutcome(now.outcome, ended);
}

function isMoved(row: GradingRow): row is ChainRow {
  return row.kind === 'chain' && (row.oldClass !== row.newClass || row.oldPassed !== row.newPassed);
}

function compared(
  flips: readonly GradingRow[],
  texts: ReadonlyMap<string, string>,
  rows: number,
  policy: string,
): Compared {
  const counts: Record<string, number> = {};
  const listed: Compared['listed'] = [];
  for (const row of flips) {
    const [a, b] = [sideOf(row.old, row.ended), sideOf(row.new, row.ended)];
    const kind = `${a.verdict} → ${b.verdict}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const prediction = row.kind === 'answer' ? texts.get(row.id) : undefined;
    const given = prediction === undefined ? {} : { prediction };
    if (listed.length < LISTED) listed.push({ id: nameOf(row), gold: row.gold, ...given, a, b });
  }
  const none = { onlyA: 0, onlyB: 0, otherGold: 0 };
  return {
    a: 'current verdicts',
    b: policy,
    matchedBy: 'id',
    rows,
    flipped: flips.length,
    flips: counts,
    ...none,
    listed,
  };
}

/** A readable name of an answer: its problem and piece, or its chain if it has no call. */
function nameOf(row: GradingRow): string {
  const { id, round, problemId } = row;
  if (row.kind === 'chain') return `chain ${id}`;
  const space = id.lastIndexOf(' ');
  if (space !== -1) return `chain ${id.slice(0, space)}, ${row.piece}`;
  return `${problemId}, ${row.piece} in ${round}, ${id.slice(0, 8)}`;
}

function sideOf(verdict: GradingRow['old'], ended: GradingRow['ended']): Compared['listed'][number]['a'] {
  if (verdict === undefined) return { verdict: 'not graded' };
  const { outcome, extracted, method, detail } = verdict;
  return {
    verdict: sampleOutcome(outcome, ended),
    method,
    ...defined({ extracted, detail }),
  };
}

function movedSection(rows: readonly ChainRow[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows
    .slice(0, LISTED)
    .map((row) => `- ${code(row.id)}: ${[...formatClassChange(row), ...formatFilterChange(row)].join('; ')}`);
  const more = rows.length - lines.length;
  return [
    '## Chains with another class or filter result',
    lines.join('\n'),
    ...(more > 0 ? [`… and ${formatCount(more)} more.`] : []),
  ];
}

function formatClassChange({ oldClass, newClass }: ChainRow): string[] {
  const name = (of: ChainClass | undefined): string => of ?? 'no class';
  return oldClass === newClass ? [] : [`${name(oldClass)} → ${name(newClass)}`];
}

function formatFilterChange({ oldPassed, newPassed }: ChainRow): string[] {
  if (oldPassed === newPassed) return [];
  return [newPassed ? 'passes the filters, did not before' : 'does not pass the filters, did before'];
}

/** Adds the ends of the flipped answers to a comparison, since gradings don't contain them. */
export async function withTexts(
  dataset: Pick<Dataset, 'journal' | 'chain'>,
  result: Compared,
  rounds: readonly string[],
  signal: AbortSignal,
): Promise<Compared> {
  const idOf = (id: string): string | undefined => /^answer (.+)$/.exec(id)?.[1];
  const ids = new Set(result.listed.flatMap(({ id }) => idOf(id) ?? []));
  const texts = await answerTexts(dataset, ids, rounds, signal);
  const listed = result.listed.map((flip) => {
    const prediction = texts.get(idOf(flip.id) ?? '');
    return prediction === undefined ? flip : { ...flip, prediction };
  });
  return { ...result, listed };
}

/**
 * The ends of the answers of grading rows, from journals and chains. Journals are read as streams, up to the last answer. Answers whose
 * call or chain no longer exists are omitted.
 *
 * @param ids Ids of grading rows of the kind `answer`: the key of a call, or the id of a chain, a space and a piece.
 */
export async function answerTexts(
  dataset: Pick<Dataset, 'journal' | 'chain'>,
  ids: ReadonlySet<string>,
  rounds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const calls = new Set<string>();
  for (const id of ids) {
    const space = id.lastIndexOf(' ');
    if (space === -1) {
      calls.add(id);
      continue;
    }
    signal.throwIfAborted();
    const chain = await dataset.chain(id.slice(0, space)).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      return undefined;
    });
    const piece = chain?.pieces.find((each) => each.piece === id.slice(space + 1));
    if (piece !== undefined) texts.set(id, ending(piece.text));
  }
  for (const round of rounds) {
    if (calls.size === 0) break;
    for await (const { key, reply } of dataset.journal(round)) {
      signal.throwIfAborted();
      if (calls.delete(key)) texts.set(key, ending(pieceText(reply)));
      if (calls.size === 0) break;
    }
  }
  return texts;
}
