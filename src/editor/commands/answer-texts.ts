import { pieceText } from '../../runner/asker.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { ending } from '../../verbs/graded-source.ts';

/**
 * The ends of answers that gradings of a dataset speak of, where the answers stand. Journals are read as streams, and no further than
 * the last answer that is asked for; one whose call or chain is gone is left out.
 *
 * @param ids Of grading rows of the kind `answer`: the key of a call, or the id of a chain, a space and a piece.
 * @param signal Ends the reading, which then throws its reason.
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
