/** Rows to train on, and rows that only measure the loss. */
export const ROW_SETS = ['train', 'validation'] as const;
export type RowSet = (typeof ROW_SETS)[number];

/** The file of a set that has the rows of `train.<form>.jsonl`: `validation.<form>.jsonl`. */
export const fileOfSet = (set: RowSet, trainFile: string): string => trainFile.replace(/^train\./, `${set}.`);
