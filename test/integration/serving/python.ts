import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { QUIET } from '../../fixtures/process.ts';

/** Runs a script. Returns its output. */
export async function runPython(python: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(python, args, { env: QUIET })).stdout;
}
