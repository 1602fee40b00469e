import { quoted, shellWords } from '../shell.ts';

/**
 * The batch script of an attempt. The first job that runs it claims the attempt, so that a job that was submitted twice runs once;
 * and it leaves the exit code in a file, since Slurm forgets a job some minutes after its end.
 * @param attempt absolute path of the attempt's folder.
 */
export function batchScript(
  attempt: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    '#!/bin/sh',
    `attempt=${quoted(attempt)}`,
    // Without clobbering, > makes the file or fails: for one job alone.
    '(set -C; echo "$SLURM_JOB_ID" > "$attempt/claim") 2>/dev/null',
    'if [ "$(cat "$attempt/claim")" != "$SLURM_JOB_ID" ]; then exit 0; fi',
    ...exports,
    // A shell that waits hears a signal only after its child has ended, unless it waits for one in the background.
    'trap \'kill -TERM "$child" 2>/dev/null\' TERM INT',
    `${shellWords(command)} < /dev/null &`,
    'child=$!',
    'wait "$child"; code=$?',
    'while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done',
    'echo "$code" > "$attempt/exit.new" && mv -f "$attempt/exit.new" "$attempt/exit"',
    'exit "$code"',
    '',
  ].join('\n');
}
