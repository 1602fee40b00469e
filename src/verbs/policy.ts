import { policyTable, resolvePolicy } from '../core/answers/policies.ts';
import { GradingChoice, POLICY_NAMES } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import { type Verb, VerbError } from './context.ts';

export const policy: Verb<'policy'> = async ({ dataset: folder, set }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (set !== undefined) {
    const { data, error } = GradingChoice.safeParse(set);
    if (data === undefined) {
      const said = error?.issues.map((issue) => issue.message).join('; ');
      throw new VerbError(
        `The policy can’t be set: ${said}.`,
        `Choose one of ${POLICY_NAMES.join(', ')}, or JSON with a base.`,
      );
    }
    await dataset.saveSettings({ grading: data });
  }
  const { grading } = dataset.settings;
  return { grading, switches: resolvePolicy(grading), policies: policyTable() };
};
