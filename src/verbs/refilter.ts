import { FilterSettings } from '../core/model/index.ts';
import { filterContextOf } from '../store/benchmarks.ts';
import { Dataset } from '../store/index.ts';
import { chosenRounds, KnownProblems, withLocks } from './chosen-rounds.ts';
import { type Verb, VerbError } from './context.ts';
import { refilterRound } from './refilter-round.ts';
import { RefilterTally } from './refilter-tally.ts';

const EVERY_MS = 100;

export const refilter: Verb<'refilter'> = async (args, { signal, log, progress }) => {
  const began = performance.now();
  const dataset = await Dataset.open(args.dataset, { log });
  try {
    const settings = settingsOf(dataset.settings.filters, args.set);
    const rounds = await chosenRounds(dataset, args);
    const tally = new RefilterTally();
    const problems = new KnownProblems(dataset, log);
    const apply = args.apply ?? false;
    const work = async (): Promise<void> => {
      const total = dataset.index.chains().filter((chain) => rounds.includes(chain.round)).length;
      const context = await filterContextOf(dataset.folder, settings, log);
      let [done, shown] = [0, 0];
      const step = (): void => {
        done += 1;
        if (performance.now() - shown < EVERY_MS) return;
        shown = performance.now();
        progress({ done, total: Math.max(total, done), unit: 'chains' });
      };
      for (const round of rounds) {
        const plan = await dataset.roundPlan(round);
        await refilterRound(plan, { dataset, settings, context, problems, apply, tally, step, signal });
      }
    };
    await (apply ? withLocks(dataset, rounds, work) : work());
    if (apply && args.set !== undefined) {
      log('New rounds are still filtered by the “filters” of longhand.json; set them there to keep these thresholds.');
    }
    const seconds = (performance.now() - began) / 1000;
    return { applied: apply, settings, ...tally.result, missing: problems.missing.size, seconds };
  } finally {
    await dataset.close();
  }
};

/** Throws VerbError for a threshold that no filter has or that is out of range. */
function settingsOf(own: FilterSettings, set: Readonly<Record<string, unknown>> = {}): FilterSettings {
  const { data, error } = FilterSettings.strict().safeParse({ ...own, ...set });
  if (data) return data;
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'filters'}: ${issue.message}`);
  throw new VerbError(`These thresholds do not fit: ${issues.join('; ')}.`, 'docs/filters.md lists them.');
}
