import { type PilotState, type Policy, policyOf, stageEnds } from './policies/index.ts';
import type { Beta } from './posterior.ts';
import type { Rule } from './rule.ts';
import type { SamplingSettings } from './settings.ts';
import { survivorGates } from './survivors.ts';
import { type Expected, expectedOf, NOTHING, type Reached, type Walk, walk } from './walk.ts';

/** Problems with the same evidence from earlier rounds. */
export interface Alike {
  earlier: { attempts: number; successes: number };
  belief: Beta;
  problems: number;
}

/** No sample below the priority `least` is drawn: either in the pilot, with nothing after it, or after a complete pilot. */
interface Threshold {
  in: 'pilot' | 'rest';
  least: number;
}

/** Expected costs and results of one problem of each group, without a budget. */
export function expectFreely(groups: readonly Alike[], settings: SamplingSettings): Expected[] {
  return expectAbove(groups, settings, { in: 'rest', least: Number.NEGATIVE_INFINITY });
}

/**
 * The same with a budget. A round draws by priority, so the budget excludes samples below some priority, which bisection finds. Between
 * the last plan that fits and the first that does not, the share of further samples is interpolated.
 * @param isOver Whether a plan exceeds the budget; must be monotonic in the number of samples.
 */
export function expectWithin(
  groups: readonly Alike[],
  settings: SamplingSettings,
  isOver: (expected: readonly Expected[]) => boolean,
): Expected[] {
  const pilot = expectAbove(groups, settings, { in: 'pilot', least: Number.NEGATIVE_INFINITY });
  const phase = isOver(pilot) ? 'pilot' : 'rest';
  const compute = (least: number): Expected[] => expectAbove(groups, settings, { in: phase, least });
  // Priorities are at most 1, so at 2 only a pilot that fits is drawn.
  let [high, low] = [2, -2];
  let fits = compute(high);
  let tooMuch = compute(low);
  while (!isOver(tooMuch)) {
    [fits, high, low] = [tooMuch, low, low * 2];
    tooMuch = compute(low);
  }
  // Priorities by sample count are whole numbers; those by gain are between 0 and 1.
  const fine = high > 0 ? 1e-6 : 0.5;
  while (high - low > fine) {
    const middle = (low + high) / 2;
    const expected = compute(middle);
    if (isOver(expected)) [tooMuch, low] = [expected, middle];
    else [fits, high] = [expected, middle];
  }
  let share = 0;
  for (let step = 0.5; step > 1e-9; step /= 2) if (!isOver(mix(fits, tooMuch, share + step))) share += step;
  return mix(fits, tooMuch, share);
}

function mix(one: readonly Expected[], other: readonly Expected[], share: number): Expected[] {
  return one.map((value, i) => {
    const further = other[i] ?? value;
    const at = (key: keyof Expected): number => value[key] + share * (further[key] - value[key]);
    return {
      samples: at('samples'),
      requests: at('requests'),
      correct: at('correct'),
      kept: at('kept'),
      solved: at('solved'),
    };
  });
}

function expectAbove(groups: readonly Alike[], settings: SamplingSettings, threshold: Threshold): Expected[] {
  const policy = policyOf(settings.policy);
  const pilots = groups.map(({ belief }) => pilotOf(policy, belief, settings, threshold));
  if (threshold.in === 'pilot') return pilots.map((pilot) => expectedOf(pilot, settings.selection.keep));
  const states = groups.map((group, g) => (pilots[g]?.ends ?? []).map((reached) => pilotState(group, reached)));
  const rules = policy.rules(states.flat());
  const gates = gatesOf(groups, settings);
  let next = 0;
  return groups.map(({ belief }, g) => {
    const pilot = pilots[g];
    if (!pilot) return NOTHING;
    const whole: Walk = { samples: pilot.samples, requests: pilot.requests, ends: [] };
    for (const reached of pilot.ends) {
      for (const { rule, chance } of roundings(rules[next++], reached)) {
        const part = walk(rule, belief, {
          perRequest: settings.samplesPerRequest,
          least: threshold.least,
          gates: gates[g] ?? [],
          from: [{ ...reached, chance: reached.chance * chance }],
        });
        whole.samples += part.samples;
        whole.requests += part.requests;
        whole.ends.push(...part.ends);
      }
    }
    return expectedOf(whole, settings.selection.keep);
  });
}

function pilotOf({ pilot }: Policy, belief: Beta, { samplesPerRequest }: SamplingSettings, threshold: Threshold): Walk {
  const least = threshold.in === 'pilot' ? threshold.least : Number.NEGATIVE_INFINITY;
  return walk({ kind: 'total', total: pilot }, belief, { perRequest: samplesPerRequest, least });
}

function pilotState({ earlier, problems }: Alike, { drawn, successes, chance }: Reached): PilotState {
  return { earlier, drawn, graded: drawn, successes, weight: problems * chance };
}

function gatesOf(groups: readonly Alike[], { policy }: SamplingSettings): number[][] {
  if (policy.policy !== 'cascade') return [];
  const problems = groups.reduce((sum, group) => sum + group.problems, 0);
  return survivorGates(groups, stageEnds(policy.stages), policy.leastSurvivors * problems);
}

/** A fractional total becomes the whole numbers around it, with the chances that preserve the mean. */
function roundings(rule: Rule | undefined, { drawn }: Reached): { rule: Rule; chance: number }[] {
  if (rule === undefined) return [];
  if (rule.kind !== 'total' || Number.isInteger(rule.total)) return [{ rule, chance: 1 }];
  const total = Math.max(drawn, rule.total);
  const part = total - Math.floor(total);
  return [
    { rule: { kind: 'total', total: Math.floor(total) }, chance: 1 - part },
    { rule: { kind: 'total', total: Math.ceil(total) }, chance: part },
  ];
}
