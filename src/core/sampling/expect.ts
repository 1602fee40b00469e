import { type PilotState, type Policy, policyOf, stageEnds } from './policies/index.ts';
import type { Beta } from './posterior.ts';
import type { Rule } from './rule.ts';
import type { SamplingSettings } from './settings.ts';
import { survivorGates } from './survivors.ts';
import { type Expected, expectedOf, NOTHING, type Reached, type Walk, walk } from './walk.ts';

/** Problems that are alike for a policy: the same evidence from earlier rounds. */
export interface Alike {
  earlier: { attempts: number; successes: number };
  belief: Beta;
  problems: number;
}

/** No sample below the priority `least` is drawn: in the pilot, and then nothing after it, or in the rest, after a whole pilot. */
interface Cut {
  in: 'pilot' | 'rest';
  least: number;
}

/** What one problem of each group is expected to cost and bring when nothing but the policy ends the round. */
export function expectFreely(groups: readonly Alike[], settings: SamplingSettings): Expected[] {
  return expectCut(groups, settings, { in: 'rest', least: Number.NEGATIVE_INFINITY });
}

/**
 * The same when a budget ends the round. It runs by priority, so that the budget cuts off what lies below some priority. Halving
 * finds it; between the last plan that fits and the first that doesn't, as many problems get the next sample as the budget allows.
 * `isOver` says of a plan, which it must do the more surely the more is drawn, that it goes beyond the budget.
 */
export function expectWithin(
  groups: readonly Alike[],
  settings: SamplingSettings,
  isOver: (expected: readonly Expected[]) => boolean,
): Expected[] {
  const pilot = expectCut(groups, settings, { in: 'pilot', least: Number.NEGATIVE_INFINITY });
  const phase = isOver(pilot) ? 'pilot' : 'rest';
  const compute = (least: number): Expected[] => expectCut(groups, settings, { in: phase, least });
  // No priority is above 1, so that nothing is drawn at 2 but a pilot that fits.
  let [high, low] = [2, -2];
  let fits = compute(high);
  let tooMuch = compute(low);
  while (!isOver(tooMuch)) {
    [fits, high, low] = [tooMuch, low, low * 2];
    tooMuch = compute(low);
  }
  // Priorities by samples are whole numbers; those by gain are fractions of 1.
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

function expectCut(groups: readonly Alike[], settings: SamplingSettings, cut: Cut): Expected[] {
  const policy = policyOf(settings.policy);
  const pilots = groups.map(({ belief }) => pilotOf(policy, belief, settings, cut));
  if (cut.in === 'pilot') return pilots.map((pilot) => expectedOf(pilot, settings.selection.keep));
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
          least: cut.least,
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

function pilotOf({ pilot }: Policy, belief: Beta, { samplesPerRequest }: SamplingSettings, cut: Cut): Walk {
  const least = cut.in === 'pilot' ? cut.least : Number.NEGATIVE_INFINITY;
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

/** A share of a budget that isn't whole is met by one whole number or the next, as often as makes its mean. */
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
