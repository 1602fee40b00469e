import { shippedHash } from '../../core/behaviours/classify.ts';
import { HEAD_INPUTS, type Head } from '../../core/behaviours/head/inputs.ts';
import { latestHead, type StoredHead } from '../../store/classifier-heads.ts';
import { type Dataset, StoreError } from '../../store/index.ts';

/** Why a dataset is marked by the shipped classifier, or that its own head is used. */
export type HeadState = 'none' | 'used' | 'off' | 'outdated' | 'damaged';

/** The latest head of a dataset and whether it is used. `problem` of a damaged one, for a person. */
export async function headStateOf(
  dataset: Pick<Dataset, 'folder' | 'settings'>,
): Promise<{ state: HeadState; stored?: StoredHead; problem?: string }> {
  try {
    const stored = await latestHead(dataset);
    if (stored === undefined) return { state: 'none' };
    if (dataset.settings.classifier === 'shipped') return { state: 'off', stored };
    return { state: fits(stored) ? 'used' : 'outdated', stored };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { state: 'damaged', problem: `${error.message} ${error.advice}` };
  }
}

function fits({ head: { shipped, inputs, weights } }: StoredHead): boolean {
  const sameInputs = inputs.length === HEAD_INPUTS.length && inputs.every((name, i) => name === HEAD_INPUTS[i]);
  const complete = Object.values(weights).every((one) => one?.length === HEAD_INPUTS.length);
  return shipped === shippedHash() && sameInputs && complete;
}

/** The head that marks the chains of a dataset; undefined for the shipped classifier alone. A head that can't be used is reported to `log`. */
export async function headInUse(
  dataset: Pick<Dataset, 'folder' | 'settings'>,
  log: (text: string) => void,
): Promise<Head | undefined> {
  const { state, stored, problem } = await headStateOf(dataset);
  if (problem !== undefined) log(`${problem} Behaviours are marked by the shipped classifier.`);
  if (state === 'outdated' && stored !== undefined) log(outdatedText(stored.number));
  return state === 'used' && stored !== undefined ? { number: stored.number, weights: stored.head.weights } : undefined;
}

/** Why an old head is not used, and what to do. */
function outdatedText(number: number): string {
  return `classifier/${number}.json was made for other weights of Longhand and is out of date: behaviours are marked by the shipped classifier. Update it with “longhand refit --apply”.`;
}
