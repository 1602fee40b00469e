import { policyTable, readPolicy, resolvePolicy } from '../../core/grading/policies.ts';
import { GradingChoice, POLICY_NAMES } from '../../core/schemas/index.ts';
import { Dataset } from '../../store/index.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'policy'> = async ({ dataset: folder, set }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (set !== undefined) {
    const read = readPolicy(set);
    if (typeof read === 'string') {
      throw new VerbError(read, `Choose one of ${POLICY_NAMES.join(', ')}, or JSON with a base.`);
    }
    // An alias is stored as the policy's name; a record as given, to keep its base.
    await dataset.saveSettings({ grading: GradingChoice.parse(typeof set === 'string' ? read.name : set) });
  }
  const { grading } = dataset.settings;
  return { grading, switches: resolvePolicy(grading), policies: policyTable() };
};

export const print: Print<'policy'> = ({ grading, switches, policies }) =>
  lines(
    `Graded by “${switches.name}”${typeof grading === 'string' ? '' : `, set as ${JSON.stringify(grading)}`}:`,
    ...Object.entries(switches).flatMap(([key, value]) => (key === 'name' ? [] : `  ${key.padEnd(18)}${value}`)),
    'Policies to choose from with --set:',
    ...policies.map(({ name, summary }) => `  ${name.padEnd(15)}${summary}.`),
  );
