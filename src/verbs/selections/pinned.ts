import { defined } from '../../core/defined.ts';
import type { SelectionsPlan } from '../../core/selections/index.ts';
import { promptsHash } from '../../runner/plan-round.ts';
import { readPrompt } from '../../store/prompts.ts';
import { VerbError } from '../context.ts';
import type { Programs } from './run-arms.ts';

type Pinned = SelectionsPlan['pinned'];

const FLAGS: Readonly<Record<keyof Pinned, string>> = {
  config: '--config',
  serverArgs: '--server-args',
  command: '--command',
};

/**
 * Hashes of what decides how arms are trained and served, and is never stored in a dataset, since it may name programs: flags give it at each start.
 * @throws where the configuration can't be read
 */
export async function pinnedOf({ program, config, serving }: Programs): Promise<Pinned> {
  const hashOf = (value: readonly string[] | string | undefined): string | undefined =>
    value === undefined ? undefined : promptsHash({ value: JSON.stringify(value) });
  return defined({
    config: hashOf(config === undefined ? undefined : await readPrompt(config)),
    serverArgs: hashOf(serving?.serverArgs),
    command: hashOf(program?.command),
  });
}

/** @throws VerbError where arms would be trained or served in another way than those that are measured already */
export async function refuseOtherFlags(
  { comparison, serverType, pinned }: SelectionsPlan,
  programs: Programs,
): Promise<void> {
  const given = programs.serving?.serverType;
  if (given !== undefined && given !== serverType)
    throw new VerbError(
      `Comparison ${comparison} was planned with ${serverType === undefined ? 'the default server type' : `--server-type ${serverType}`}.`,
      'Resume it without --server-type: its arms must be alike.',
    );
  const now = await pinnedOf(programs);
  for (const [key, flag] of Object.entries(FLAGS) as [keyof Pinned, string][]) {
    if (pinned[key] === now[key]) continue;
    const [what, how] =
      pinned[key] === undefined
        ? [`without ${flag}`, `Resume it without ${flag}`]
        : [
            now[key] === undefined ? `with ${flag}` : `with another ${flag}`,
            `Resume it with the ${flag} that it began with`,
          ];
    throw new VerbError(
      `Comparison ${comparison} was started ${what}.`,
      `${how}, or start another comparison: its arms must be alike.`,
    );
  }
}
