import { policyTable, readPolicy, resolvePolicy } from '../core/answers/policies.ts';
import { GradingChoice, POLICY_NAMES } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import { type Verb, VerbError } from './context.ts';

export const policy: Verb<'policy'> = async ({ dataset: folder, set }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (set !== undefined) {
    const read = readPolicy(set);
    if (typeof read === 'string') {
      throw new VerbError(read, `Choose one of ${POLICY_NAMES.join(', ')}, or JSON with a base.`);
    }
    // Another name is stored as that of its policy; a record as it was given, so that its base stays seen.
    await dataset.saveSettings({ grading: GradingChoice.parse(typeof set === 'string' ? read.name : set) });
  }
  const { grading } = dataset.settings;
  return { grading, switches: resolvePolicy(grading), policies: policyTable() };
};
