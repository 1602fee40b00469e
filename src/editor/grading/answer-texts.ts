import { pieceText } from '../../core/schemas/index.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { ending } from '../../verbs/grading/graded-source.ts';

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
