import type { Calibration } from '../../../core/review/calibration/index.ts';
import { appendCalibration, type Dataset, listCalibrations, textHash } from '../../../store/index.ts';
import type { CalibrationSource } from './session.ts';

/** A calibration of a dataset whose index has been read. */
export function datasetSource(dataset: Dataset, calibration: Calibration): CalibrationSource {
  const { index } = dataset;
  return {
    calibration,
    isUnchanged: ({ chainId, hash }) => {
      const chain = index.chain(chainId);
      return chain?.hash === hash && index.problem(chain.problemId) !== undefined;
    },
    read: async ({ chainId, hash }) => {
      const { text, problemId } = await dataset.chain(chainId);
      if (textHash(text) !== hash) {
        throw new Error('The text of this chain changed after the sentence was drawn. Go to the next sentence.');
      }
      return { text, problem: await dataset.problem(problemId) };
    },
    append: (act) => appendCalibration(dataset, calibration.name, act),
    all: () => listCalibrations(dataset),
  };
}
