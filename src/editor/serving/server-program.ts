import type { ServerId } from '../../core/schemas/index.ts';
import { setting } from '../context.ts';

/** Program of a server, from the user's settings only: a dataset must not set which program runs. */
export function serverProgram(server: ServerId): string[] | undefined {
  const program = setting('longhand.serving.programs')[server];
  if (!Array.isArray(program)) return undefined;
  const isCommand = program.length > 0 && program.every((part) => typeof part === 'string' && part !== '');
  return isCommand ? program : undefined;
}
