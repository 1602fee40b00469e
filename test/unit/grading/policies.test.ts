import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answersAgree, gradeAnswer, POLICIES, readPolicy, resolvePolicy } from '../../../src/core/grading/index.ts';
import {
  DatasetSettings,
  DEFAULT_SWITCHES,
  GradingPolicy,
  POLICY_NAMES,
  PolicyName,
  RoundPlan,
} from '../../../src/core/schemas/index.ts';

const pairs = resolve(import.meta.dirname, '../../../../shared/data/pairs/equivalence.jsonl');

describe('every policy grades its examples as documented', () => {
  const examples = Object.values(POLICIES).flatMap((policy) =>
    policy.examples.map((example) => ({ name: policy.name, ...example })),
  );

  it.each(examples)('$name: $gold against $prediction', ({ name, gold, prediction, expected }) => {
    const outcome = gradeAnswer(gold, prediction, resolvePolicy(name)).outcome;
    expect(outcome).toBe(expected ? 'correct' : 'incorrect');
  });

  it('has equal and different examples, and one of every switch that it sets', () => {
    for (const name of POLICY_NAMES) {
      expect(POLICIES[name].name).toBe(name);
      const outcomes = new Set(POLICIES[name].examples.map(({ expected }) => expected));
      expect([...outcomes].sort(), name).toEqual([false, true]);
      if (name === 'default') continue;
      const changes = Object.entries(POLICIES[name].switches).filter(
        ([key, value]) => DEFAULT_SWITCHES[key as keyof typeof DEFAULT_SWITCHES] !== value,
      );
      // Without the switch, the outcome of an example changes, so it shows what the switch does.
      for (const [key] of changes) {
        const without = { ...POLICIES[name].switches, [key]: DEFAULT_SWITCHES[key as keyof typeof DEFAULT_SWITCHES] };
        const shown = POLICIES[name].examples.some(
          ({ gold, prediction, expected }) =>
            (gradeAnswer(gold, prediction, without).outcome === 'correct') !== expected,
        );
        expect(shown, `${name} shows ${key}`).toBe(true);
      }
    }
  });
});

describe('a choice of policy', () => {
  it('is a name, or a base with changed switches', () => {
    expect(resolvePolicy('lenient')).toEqual({ name: 'lenient', ...POLICIES.lenient.switches });
    expect(resolvePolicy({})).toEqual({ name: 'default', ...DEFAULT_SWITCHES });
    expect(resolvePolicy({ base: 'lenient', units: 'convert' })).toEqual({
      ...POLICIES.lenient.switches,
      name: 'lenient with units convert',
      units: 'convert',
    });
    expect(resolvePolicy({ name: 'lenient' })).toEqual(resolvePolicy('lenient'));
    expect(resolvePolicy({ name: 'ours', percent: 'convert' })).toMatchObject({ name: 'ours', percent: 'convert' });
  });

  it('is unchanged when it is resolved twice', () => {
    const record = fc.record(
      {
        base: fc.constantFrom(...POLICY_NAMES),
        percent: fc.constantFrom('ignore', 'convert', 'require'),
        units: fc.constantFrom('ignore', 'convert', 'require'),
        orderedTuples: fc.boolean(),
        decimals: fc.constantFrom('exact', 'rounded', 'gold'),
      } as const,
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, (choice) => {
        const once = resolvePolicy(choice);
        expect(GradingPolicy.parse(once)).toEqual(once);
        expect(resolvePolicy({ ...once })).toEqual(once);
      }),
    );
  });

  it('that is invalid is refused with a reason', () => {
    expect(readPolicy('frobnicate')).toBe(
      `The policy can’t be read: there is no policy "frobnicate"; there are ${POLICY_NAMES.join(', ')}.`,
    );
    expect(readPolicy({ unit: 'convert' })).toContain('unit');
    expect(readPolicy({ percent: 'maybe' })).toContain('percent');
    expect(readPolicy({ base: 'none' })).toContain('there is no policy');
    expect(readPolicy(7)).toContain('can’t be read');
    expect(readPolicy('toString')).toContain('there is no policy');
  });

  it('by the name of another tool is the policy of that convention', () => {
    expect(readPolicy('Math-Verify 0.9.0')).toMatchObject({ name: 'default' });
    expect(readPolicy('the answer must be boxed')).toMatchObject({ name: 'boxed' });
    expect(readPolicy('huggingface/trl')).toMatchObject({ name: 'default' });
    expect(readPolicy('ctrl')).toContain('no policy');
    expect(readPolicy('Lenient')).toMatchObject({ name: 'lenient' });
  });

  it.skipIf(!existsSync(pairs))('is found for every policy that the labelled pairs name (needs ../shared/data)', () => {
    const named = readFileSync(pairs, 'utf8').trim().split('\n');
    const policies = new Set(named.map((line) => (JSON.parse(line) as { policy: string }).policy));
    expect([...policies].filter((policy) => typeof readPolicy(policy) === 'string')).toEqual([]);
  });
});

describe('files of older versions', () => {
  const old = { percent: 'convert', units: 'require', thousands: 'keep', relativeTolerance: 0, orderedTuples: false };

  it('longhand.json can list all switches of its version', () => {
    const settings = DatasetSettings.parse({ version: 1, id: '12345678', name: 'n', grading: old });
    expect(resolvePolicy(settings.grading)).toMatchObject({ ...old, decimals: 'exact', intervalEnds: 'strict' });
    expect(DatasetSettings.parse({ version: 1, id: '12345678', name: 'n' }).grading).toBe('default');
  });

  it('plan.json can list the switches or have no policy', () => {
    const plan = { version: 1, round: 'r', kind: 'dialogue', createdAt: '', problemIds: [] };
    expect(RoundPlan.parse({ ...plan, grading: old }).grading).toMatchObject(old);
    expect(RoundPlan.parse(plan).grading).toBeUndefined();
  });

  it('an unknown policy is refused with a list of the policies', () => {
    const { error } = DatasetSettings.safeParse({ version: 1, id: '12345678', name: 'n', grading: 'nope' });
    expect(error?.issues[0]?.message).toContain(PolicyName.options.join(', '));
  });
});

describe('decimals at the places of the gold', () => {
  const byGold = resolvePolicy({ decimals: 'gold' });

  it.each([
    ['3.1', '3.14', true],
    ['3.14', '\\pi', true],
    ['0.67', '\\frac{2}{3}', true],
    ['12.5', '12.44', false],
    ['3.14', '3.1', false],
    ['3', '3.14', false],
  ])('%s and %s: %s', (gold, prediction, expected) => {
    expect(answersAgree(gold, prediction, byGold)).toBe(expected);
  });
});

describe('units', () => {
  const policy = resolvePolicy('convert');
  const agree = (a: string, b: string) => answersAgree(a, b, policy);

  it.each([
    ['1\\text{ km}', '1000\\text{ m}'],
    ['3 ft', '1 yd'],
    ['1 mile', '5280 feet'],
    ['1\\frac{1}{2}\\text{ hours}', '90 minutes'],
    ['5 ft 3 in', '63 inches'],
    ['2 days', '48 h'],
    ['3 weeks', '21 days'],
    ['2 years', '24 months'],
    ['1\\text{ m}^2', '10000\\text{ cm}^2'],
    ['4 square feet', '576 square inches'],
    ['1 m^3', '1000 L'],
    ['1 gallon', '4 quarts'],
    ['60 mph', '88 ft/s'],
    ['9.8 \\text{ m/s}^2', '980\\text{ cm/s}^{2}'],
    ['1 \\text{ N}', '1 \\text{ kg m/s}^2'],
    ['3.6\\text{ MJ}', '1 kWh'],
    ['0\\text{ °C}', '273.15 K'],
    ['-40 degrees Celsius', '-40 degrees Fahrenheit'],
    ['x = 5\\text{ m}', '500 cm'],
    ['1 m, 2 m', '200 cm and 100 cm'],
    ['\\frac{1}{3}\\text{ h}', '20\\text{ min}'],
    ['3\\sqrt{2}\\text{ m}', '300\\sqrt{2}\\text{ cm}'],
    ['60^\\circ', '60 degrees'],
    ['5 km long', '5000 m'],
    ['1 平方米', '10000 平方厘米'],
    ['€3', '3 euros'],
    ['2 kg', '2000 g'],
    ['1 lb', '16 oz'],
    ['45\\%', '0.45'],
  ])('%s is %s', (gold, prediction) => {
    expect([agree(gold, prediction), agree(prediction, gold)]).toEqual([true, true]);
  });

  it.each([
    ['1 m', '100 m'],
    ['1 m', '1 cm'],
    ['1 m^2', '100 cm^2'],
    ['5 m', '5 s'],
    ['5 N', '5 J'],
    ['3 euros', '3 dollars'],
    ['5 miles per hour', '5 km/h'],
    ['20 °C', '20 °F'],
    ['180°', '\\pi\\text{ cm}'],
    ['1 m, 2 m', '1 cm, 2 cm'],
    ['2 h 30 min', '230 min'],
    ['1 ton', '1000 kg'],
    ['5 cats', '5 dogs'],
  ])('%s is not %s', (gold, prediction) => {
    expect([agree(gold, prediction), agree(prediction, gold)]).toEqual([false, false]);
  });

  it('does not change mathematics without units', () => {
    for (const [a, b] of [
      ['2h+h^2', 'h^2+2h'],
      ['3x', 'x \\cdot 3'],
      ['2\\pi r', '2 r\\pi'],
      ['\\frac{m}{2}', '0.5m'],
      ['x = 1, y = 2', 'y = 2, x = 1'],
      ['[1, 3)', '[1, 3)'],
    ] as const) {
      expect(agree(a, b), `${a} and ${b}`).toBe(true);
    }
  });

  it('a value is equal to itself in another unit, and not to another value', () => {
    const kinds = [
      'm=1/1 cm=1/100 km=1000/1 mm=1/1000 in=254/10000 ft=3048/10000 yd=9144/10000 mi=1609344/1000',
      's=1/1 min=60/1 h=3600/1 days=86400/1 ms=1/1000',
      'kg=1/1 g=1/1000 mg=1/1000000 lb=45359237/100000000 oz=45359237/1600000000',
      'L=1/1 mL=1/1000 gal=3785411784/1000000000 cm^3=1/1000 m^3=1000/1',
    ].map((units) => units.split(' ').map((unit) => unit.split(/[=/]/)));
    const sample = fc.constantFrom(...kinds).chain((units) => {
      const unit = fc.constantFrom(...units);
      return fc.tuple(fc.integer({ min: 1, max: 9999 }), unit, unit);
    });
    fc.assert(
      fc.property(sample, ([value, [from, a = '', b = ''], [to, c = '', d = '']]) => {
        const top = BigInt(value) * BigInt(a) * BigInt(d);
        const bottom = BigInt(b) * BigInt(c);
        expect(agree(`${value} ${from}`, `\\frac{${top}}{${bottom}} ${to}`)).toBe(true);
        expect(agree(`${value} ${from}`, `\\frac{${top + bottom}}{${bottom}} ${to}`)).toBe(false);
      }),
    );
  });
});
