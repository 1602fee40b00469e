import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take minutes, the longest first. */
const LONGEST = [
  'loop/check',
  'verbs/batch-round',
  'trainers/trl',
  'serving/real',
  'trainers/ray-train',
  'engines/slurm',
  'models/starter',
  'engines/ray',
  'rendering/bounds',
].map((name) => `/test/integration/${name}.test.ts`);

/** Starts them first, so that none of them runs alone at the end, also where no earlier run has measured them. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}

function place({ moduleId, project }: TestSpecification): number {
  if (project.name !== 'integration') return -1;
  const found = LONGEST.findIndex((path) => moduleId.replaceAll('\\', '/').endsWith(path));
  return found === -1 ? LONGEST.length : found;
}
