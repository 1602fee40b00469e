/** What a job is called by its engine. Made from run and attempt, so that submitting twice is one job. */
export function jobIdOf(runId: string, attempt: number): string {
  return `longhand-${runId}-${attempt}`;
}
