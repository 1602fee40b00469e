import type { StepUi } from '../steps.ts';
import { l10n } from './speech.ts';

/** Asks which rounds, until at least one is ticked. @returns Undefined for all of them. */
export async function askRounds(
  ui: StepUi,
  sizes: ReadonlyMap<string, number>,
  before: readonly string[] | undefined,
  placeholder: string,
): Promise<string[] | undefined> {
  for (;;) {
    const rounds = await ui.pickMany({
      placeholder,
      choices: [...sizes].map(([value, size]) => ({
        label: value,
        description: l10n.count(size),
        value,
        picked: before?.includes(value) ?? true,
      })),
    });
    if (rounds.length > 0) return rounds.length < sizes.size ? rounds : undefined;
  }
}
