const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * One line for one step, on stderr: its title when it starts, its result and time when it ends.
 * @param work Returns a description of the result, or nothing.
 */
export async function step(title: string, work: () => Promise<string | undefined>): Promise<void> {
  const started = Date.now();
  process.stderr.write(`${title} … `);
  try {
    const result = await work();
    process.stderr.write(`${result ? `${result}, ` : ''}${seconds(Date.now() - started)}\n`);
  } catch (error) {
    process.stderr.write(`failed after ${seconds(Date.now() - started)}\n`);
    throw error;
  }
}

export function heading(title: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 90 - title.length))}`);
}

/** The text of an error for the user: its message, or the stack of an unexpected error. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof SetupError || error.name === 'ProcessFailed' ? error.message : (error.stack ?? error.message);
}

/** Something is missing on this machine; the message says what to install and how. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
