import {
  DEFAULT_SWITCHES,
  GradingChoice,
  GradingPolicy,
  type PieceName,
  POLICY_NAMES,
  type PolicyName,
  type PolicySwitches,
} from '../schemas/index.ts';

/** One line of a policy's documentation, and of its test. */
export interface PolicyExample {
  readonly gold: string;
  /** A whole response or a bare answer. */
  readonly prediction: string;
  /** Whether the prediction counts as correct. */
  readonly expected: boolean;
}

/** A policy as the user selects it. */
export interface NamedPolicy {
  readonly name: PolicyName;
  /** When to choose it; one sentence. */
  /** On one line of a list, which shows about 85 letters. */
  readonly summary: string;
  readonly switches: PolicySwitches;
  /** Aliases: names of graders and benchmarks with this convention, matched as whole words of the given name. */
  readonly aliases: readonly string[];
  readonly examples: readonly PolicyExample[];
}

const yes = (gold: string, prediction: string): PolicyExample => ({ gold, prediction, expected: true });
const no = (gold: string, prediction: string): PolicyExample => ({ gold, prediction, expected: false });

/** All policies by name. docs/reference/grading.md shows their examples; a test runs each of them. */
export const POLICIES: Readonly<Record<PolicyName, NamedPolicy>> = {
  default: {
    name: 'default',
    summary: 'Units and percent signs are ignored and values must be equal, as in most benchmarks',
    switches: DEFAULT_SWITCHES,
    aliases: [
      'math-verify',
      'lighteval',
      'nemo-skills',
      'trl',
      'ms-swift',
      'open-instruct',
      'verl',
      'promptfoo',
      'symbolic equivalence',
      'CortexJS equivalence',
      'last signed number',
      'integer canonicalisation',
      'units and % ignored',
    ],
    examples: [
      yes('\\frac{1}{2}', '0.5'),
      yes('1/3', '0.33333333'),
      no('1/3', '0.33'),
      yes('50\\%', '50'),
      no('50\\%', '0.5'),
      yes('15 cm', '15'),
      no('1\\text{ m}', '100\\text{ cm}'),
      yes('1234', '1,234'),
      no('(1,2)', '(2,1)'),
      yes('\\{1,2\\}', '\\{2,1\\}'),
      no('[1,2)', '(1,2)'),
      no('\\pi', '3.14'),
      yes('7', 'The answer is 7.'),
    ],
  },
  strict: {
    name: 'strict',
    summary: 'As the gold answer is written: exact values, the same unit, the same percent signs',
    switches: { ...DEFAULT_SWITCHES, percent: 'require', units: 'require', relativeTolerance: 0 },
    aliases: [],
    examples: [
      yes('\\frac{1}{2}', '0.5'),
      no('1/3', '0.33333333'),
      no('50\\%', '50'),
      yes('50\\%', '50 percent'),
      yes('15 cm', '15\\text{ centimeters}'),
      no('15 cm', '15'),
      no('15 cm', '15 cm^2'),
      no('1 m', '100 cm'),
      yes('\\$5', '5 dollars'),
      no('[1,2)', '(1,2)'),
    ],
  },
  lenient: {
    name: 'lenient',
    summary: 'For weak models: rounded decimals, tuples in any order, either interval end count too',
    switches: {
      ...DEFAULT_SWITCHES,
      relativeTolerance: 1e-3,
      decimals: 'rounded',
      orderedTuples: false,
      intervalEnds: 'ignore',
    },
    aliases: [],
    examples: [
      yes('\\pi', '3.14'),
      yes('3.14', '3.14159'),
      yes('\\frac{8}{3}', '2.67'),
      no('\\frac{8}{3}', '2.66'),
      no('\\pi', '3.1'),
      no('3', '3.14'),
      yes('2345.6', '2346'),
      no('2346', '2345.6'),
      yes('(1,2)', '(2,1)'),
      yes('[1,2)', '(1,2)'),
      yes('x < 3', 'x \\le 3'),
      yes('50\\%', '50'),
      yes('15 cm', '15'),
      no('7', '8'),
    ],
  },
  convert: {
    name: 'convert',
    summary: 'Units and percent are converted; a bare number takes the unit of the other side',
    switches: { ...DEFAULT_SWITCHES, percent: 'convert', units: 'convert' },
    aliases: ['unit conversion'],
    examples: [
      yes('1\\text{ m}', '100\\text{ cm}'),
      yes('2 h', '120 min'),
      yes('2 hours 30 minutes', '150 min'),
      yes('72 km/h', '20 m/s'),
      yes('1 inch', '2.54 cm'),
      yes('25^\\circ\\text{C}', '77^\\circ\\text{F}'),
      no('25^\\circ\\text{C}', '25^\\circ\\text{F}'),
      no('5 m', '5 s'),
      no('5 m', '5 m^2'),
      yes('3\\text{ L}', '3000\\text{ cm}^3'),
      yes('\\$2.50', '250 cents'),
      yes('2 dozen', '24'),
      yes('\\$1.2\\text{ million}', '1200000 dollars'),
      yes('75¢', '\\$0.75'),
      yes('5\'10"', '70 inches'),
      yes('1h30', '90 min'),
      yes('5 m', '5'),
      no('5 apples', '5 oranges'),
      yes('50\\%', '0.5'),
      no('50\\%', '50'),
    ],
  },
  'percent-value': {
    name: 'percent-value',
    summary: 'As default, but a percentage is a number: 50 % is 0.5',
    switches: { ...DEFAULT_SWITCHES, percent: 'convert' },
    aliases: ['inspect_ai', 'inspect', 'boxed/plain extraction'],
    examples: [
      yes('0.335', '\\boxed{33.5\\%}'),
      yes('\\frac{1}{4}', '25 percent'),
      no('50\\%', '50'),
      yes('10', '10 cm'),
    ],
  },
  boxed: {
    name: 'boxed',
    summary: 'As default, but only the last complete box after the reasoning is an answer',
    switches: { ...DEFAULT_SWITCHES, answer: 'boxed' },
    aliases: ['must be boxed', 'rllm'],
    examples: [
      yes('4', '<think>2 + 2 = 4</think>\nThe answer is \\boxed{4}.'),
      no('4', '<think>2 + 2 = 4</think>\nThe answer is 4.'),
      no('4', '<think>So it is \\boxed{4}.</think>\nDone.'),
      yes('\\frac{1}{2}', '\\boxed{0.5}'),
      yes('4', 'We get \\boxed{4}. The final answer is 4.'),
      no('4', '4'),
    ],
  },
};

/** The switches of a choice, with the name of its policy; the name mentions each changed switch. */
export function resolvePolicy(choice: GradingChoice): GradingPolicy {
  if (typeof choice === 'string') return { name: choice, ...POLICIES[choice].switches };
  const { base, name, ...given } = choice;
  const from = base ?? POLICY_NAMES.find((known) => known === name) ?? 'default';
  const known: Record<string, unknown> = POLICIES[from].switches;
  const changed = Object.entries(given).filter(([key, value]) => value !== undefined && known[key] !== value);
  const words = changed.map(([key, value]) => `${key} ${value}`).join(', ');
  const plain = words === '' ? from : `${from} with ${words}`;
  return GradingPolicy.parse({
    ...known,
    ...Object.fromEntries(changed),
    name: name !== undefined && name !== from ? name : plain,
  });
}

/** The policy that a name or a record of a row or command line selects, or a string with the reason why it is invalid. */
export function readPolicy(given: unknown): GradingPolicy | string {
  const choice = typeof given === 'string' ? (byAlias(given) ?? given) : given;
  const { data, error } = GradingChoice.safeParse(choice);
  if (data !== undefined) return resolvePolicy(data);
  return `The policy can’t be read: ${error?.issues.map((issue) => issue.message).join('; ')}.`;
}

/** The policy whose alias the name contains; of several, the longest alias decides. */
function byAlias(given: string): PolicyName | undefined {
  const lower = given.toLowerCase();
  if (POLICY_NAMES.some((name) => name === given)) return undefined;
  const found = POLICY_NAMES.flatMap((name) => POLICIES[name].aliases.map((alias) => ({ name, alias })))
    .filter(({ alias }) => holdsWords(lower, alias.toLowerCase()))
    .sort((a, b) => b.alias.length - a.alias.length);
  return found[0]?.name ?? POLICY_NAMES.find((name) => name === lower.trim());
}

function holdsWords(text: string, words: string): boolean {
  const at = text.indexOf(words);
  return at >= 0 && !/[a-z]/.test((text[at - 1] ?? ' ') + (text[at + words.length] ?? ' '));
}

/**
 * The policy that grades one piece of a chain: only the answer that ends the chain must be in a box. The prompts of earlier
 * answers ask for their value, not for a box.
 */
export function policyOfPiece(policy: GradingPolicy, piece: PieceName): GradingPolicy {
  return piece.startsWith('answer[') ? { ...policy, answer: 'anywhere' } : policy;
}

/** Name and summary of every policy, for selection lists. */
export function policyTable(): { name: PolicyName; summary: string }[] {
  return POLICY_NAMES.map((name) => ({ name, summary: POLICIES[name].summary }));
}

/** The examples of a policy as the rows of a Markdown table, as docs/reference/grading.md shows them. */
export function exampleTable({ examples }: NamedPolicy): string {
  const cell = (text: string) => `\`${text.replace(/\n/g, ' ').replaceAll('|', '\\|')}\``;
  const rows = examples.map(
    ({ gold, prediction, expected }) =>
      `| ${cell(gold)} | ${cell(prediction)} | ${expected ? 'correct' : 'incorrect'} |`,
  );
  return ['| gold | prediction | verdict |', '|---|---|---|', ...rows].join('\n');
}
