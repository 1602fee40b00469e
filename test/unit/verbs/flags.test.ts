import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkArgs, helpText, readCommandLine } from '../../../src/verbs/command-line.ts';
import { UsageError } from '../../../src/verbs/context.ts';
import { commandOf, shapeOf } from '../../../src/verbs/flags.ts';
import { isVerb, VERBS } from '../../../src/verbs/index.ts';

/** The arguments that a command line gives. */
function args(...argv: string[]): unknown {
  const { verb, given } = readCommandLine(argv);
  if (!verb) throw new Error('no verb');
  return checkArgs(verb, given);
}

describe('a command line becomes the arguments of its verb', () => {
  test.each<[string[], unknown]>([
    [['init', 'd', '--name', 'N'], { dataset: 'd', name: 'N' }],
    [['sample', 'd'], { dataset: 'd' }],
    [['model', 'd', '--starter'], { dataset: 'd', model: { kind: 'starter', model: 'smollm2-135m-instruct' } }],
    [
      ['model', 'd', '--url', 'http://h:1/v1', '--model', 'm', '--prompts', 'small'],
      { dataset: 'd', model: { kind: 'openai', baseURL: 'http://h:1/v1', model: 'm' }, promptSet: 'small' },
    ],
    [['prices', 'd'], { dataset: 'd' }],
    [
      ['prices', 'd', '--role', 'fine-tuned', '--prompt', '0.1', '--completion', '0'],
      { dataset: 'd', role: 'fine-tuned', prices: { prompt: 0.1, completion: 0 } },
    ],
    [['import', 'd', 'f.csv'], { dataset: 'd', file: 'f.csv' }],
    [
      ['import', 'd', 'f', '--problem', 'q.text', '--answer', 'a', '--answer-from', 'boxed', '--level', 'l'],
      { dataset: 'd', file: 'f', mapping: { problem: 'q.text', answer: 'a', answerFrom: 'boxed', level: 'l' } },
    ],
    [
      ['import', 'd', 'f', '--problem', 'q', '--answer', 'a'],
      { dataset: 'd', file: 'f', mapping: { problem: 'q', answer: 'a' } },
    ],
    [
      [
        'import-traces',
        'd',
        'f',
        '--problem',
        'q',
        '--trace',
        't',
        '--answer',
        'a',
        '--answer-from',
        'hash',
        '--model',
        'm',
      ],
      { dataset: 'd', file: 'f', mapping: { problem: 'q', trace: 't', answer: 'a', answerFrom: 'hash', model: 'm' } },
    ],
    [['import-traces', 'd', 'f', '--name', 'n'], { dataset: 'd', file: 'f', name: 'n' }],
    [['plan', 'd', '--problems', '5'], { dataset: 'd', problems: 5 }],
    [
      [
        'generate',
        'd',
        '--problems',
        '5',
        '--seed',
        '0',
        '--levels',
        '1,2',
        '--levels',
        '3',
        '--topics',
        'a b',
        '--answer1',
        '2',
        '--detach',
      ],
      {
        dataset: 'd',
        problems: 5,
        seed: 0,
        levels: ['1', '2', '3'],
        topics: ['a b'],
        tries: { answer1: 2 },
        detach: true,
      },
    ],
    [['resume', 'd', '1-x'], { dataset: 'd', round: '1-x' }],
    [['cancel', 'd', '1-x'], { dataset: 'd', round: '1-x' }],
    [['status', 'd'], { dataset: 'd' }],
    [['export', 'd'], { dataset: 'd', select: 'accepted' }],
    [
      ['export', 'd', '--select', 'passed', '--rounds', '0-a,1-b'],
      { dataset: 'd', select: 'passed', rounds: ['0-a', '1-b'] },
    ],
    [['starter', 'status'], { what: 'status' }],
    [['grade', '-'], { file: '-', goldKey: 'gold', predictionKey: 'prediction' }],
    [
      [
        'grade',
        'f',
        '--policy',
        '{"base":"strict","units":"convert"}',
        '--gold-key',
        'a.b',
        '--workers',
        '3',
        '--out',
        'o',
      ],
      {
        file: 'f',
        policy: { base: 'strict', units: 'convert' },
        goldKey: 'a.b',
        predictionKey: 'prediction',
        workers: 3,
        out: 'o',
      },
    ],
    [['policy', 'd', '--set', 'lenient'], { dataset: 'd', set: 'lenient' }],
    [
      ['regrade', 'd', '--rounds', '1-a,2-b', '--chains', 'x', '--apply'],
      { dataset: 'd', rounds: ['1-a', '2-b'], chains: ['x'], apply: true },
    ],
    [
      ['compare-gradings', 'a', 'b', '--limit', '5'],
      { a: 'a', b: 'b', limit: 5, goldKey: 'gold', predictionKey: 'prediction' },
    ],
  ])('longhand %j', (argv, expected) => {
    expect(args(...argv)).toEqual(expected);
  });
});

describe('an invalid command line is an error with a message', () => {
  test.each<[string[], string]>([
    [[], 'Which verb?'],
    [['frobnicate'], 'There is no verb “frobnicate”.'],
    [['toString'], 'There is no verb “toString”.'],
    [['import', 'd'], 'FILE is missing.'],
    [['status', 'd', 'e'], '“e” is one argument too many.'],
    [['status', 'd', '--frob'], '--frob'],
    [['plan', 'd'], '--problems is missing'],
    [['plan', 'd', '--problems', 'ten'], '--problems must be a whole number above 0, not “ten”.'],
    [['plan', 'd', '--problems', '0'], '--problems must be a whole number above 0, not 0.'],
    [['model', 'd'], 'Give --starter, or --url and --model.'],
    [['model', 'd', '--url', 'ftp://x', '--model', 'm'], '--url must be an address'],
    [['model', 'd', '--starter', '--url', 'http://x/v1'], 'not both'],
    [['prices', 'd', '--role', 'base', '--prompt', '1'], '--prompt and --completion go together'],
    [['prices', 'd', '--prompt', '1', '--completion', '2'], 'A model'],
    [['prices', 'd', '--role', 'base', '--url', 'http://x/v1', '--model', 'm', '--remove'], 'not both'],
    [['prices', 'd', '--role', 'base', '--prompt', '-1', '--completion', '2'], '--prompt'],
    [['import', 'd', 'f', '--answer-from', 'last'], '--answer-from'],
    [['export', 'd', '--select', 'none'], '--select must be accepted, passed or all, not “none”.'],
    [['grade'], 'FILE is missing.'],
    [['grade', 'f', '--workers', '0'], '--workers must be a whole number from 1 to 256, not 0.'],
    [['grade', 'f', '--policy', '{'], '--policy is not valid JSON.'],
    [['compare-gradings', 'a'], 'B is missing.'],
    [['starter', 'dance'], 'must be install, start, stop or status, not “dance”.'],
    [['train', 'd', '--epochs', '1e999'], '--epochs must be a number above 0, at most 1000, not “1e999”.'],
    [['train', 'd', '--epochs', 'NaN'], '--epochs must be a number above 0, at most 1000, not “NaN”.'],
    [['train', 'd', '--engine', 'ray'], '--address is missing.'],
    [['train', 'd', '--engine', 'cloud'], '--engine must be local, ray or slurm, not “cloud”.'],
    [['train', 'd', '--export='], '--export must not be empty.'],
    [['train', 'd', '--speed', '9'], 'There is no flag --speed.'],
    [
      ['run-log', 'd', 'r', '--offset', '-1'],
      '--offset requires a value. Write one that begins with - as --offset=VALUE.',
    ],
    [['run-log', 'd', 'r', '--offset=-1'], '--offset must be a whole number of at least 0, not -1.'],
    [['serve', 'd', 'w', '--name=-x'], '--name: letters, digits'],
    [['loss', 'd', '--runs', ','], '--runs must be a list that is not empty.'],
    [['status', 'd', '--progress', 'loud'], '--progress must be'],
  ])('longhand %j', (argv, words) => {
    const read = (): unknown => args(...argv);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(words);
  });
});

test('arguments as JSON are checked by the same schema', () => {
  expect(readCommandLine(['status', '--args-json', '-', '--json'])).toMatchObject({
    verb: 'status',
    common: { argsJson: '-', json: true },
  });
  expect(() => checkArgs('plan', { dataset: 'd', problems: '5' })).toThrow('--problems must be a whole number');
  expect(() => checkArgs('plan', null)).toThrow(UsageError);
});

test('an error of a flag does not quote the validator', () => {
  for (const verb of Object.keys(VERBS).filter(isVerb)) {
    for (const { name, path } of shapeOf(VERBS[verb].args).flags) {
      const wrong = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), Symbol('no such value'));
      const message = (() => {
        try {
          return void checkArgs(verb, wrong);
        } catch (error) {
          return (error as Error).message;
        }
      })();
      expect(message, `${verb} --${name}`).not.toMatch(
        /Invalid|Too small|Too big|Unrecognized|expected|received|undefined/,
      );
    }
  }
});

describe('a list of values with commas', () => {
  const problemsOf = (...flags: string[]): unknown =>
    readCommandLine(['compare-selections', 'd', ...flags]).given.problems;

  test('is read as JSON, and as commas where it is none', () => {
    expect(problemsOf('--problems', '["a,b.jsonl","c"]', '--problems', 'd,e')).toEqual(['a,b.jsonl', 'c', 'd', 'e']);
    expect(problemsOf('--problems', '[a].jsonl, b')).toEqual(['[a].jsonl', 'b']);
  });

  test('is written so that it is read again', () => {
    const { args: schema } = VERBS['compare-selections'];
    const command = commandOf('compare-selections', schema, { dataset: 'd', problems: ['a,b.jsonl', 'c'] });
    expect(command).toBe(`longhand compare-selections d --problems '["a,b.jsonl","c"]'`);
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', ',', ' ', '[', '"', '-') }), { minLength: 1 }),
        (problems) => {
          const written = commandOf('compare-selections', schema, { dataset: 'd', problems });
          // What is quoted has no quotation mark of the shell in it.
          const [, flag = ''] = /^longhand compare-selections d (.+)$/.exec(written) ?? [];
          const [name = '', ...rest] = flag.replaceAll("'", '').split(/[ =](.*)/s);
          expect(problemsOf(`${name}=${rest.join('')}`)).toEqual(problems);
        },
      ),
    );
  });
});

test('the help lists every verb with its flags', () => {
  const names = Object.keys(VERBS).filter(isVerb);
  for (const verb of names) {
    expect(helpText()).toContain(`  ${verb} `);
    expect(helpText(verb)).toContain(VERBS[verb].summary);
  }
  expect(helpText('serve')).toMatch(/^longhand serve DATASET RUN\|FOLDER\|FILE\|NAME \[FLAGS\]\n/);
  expect(helpText('starter')).toMatch(/^longhand starter install\|start\|stop\|status /);
  expect(helpText('generate')).toMatch(/--problems N .*\n(?:.*\n)*.*--detach/);
});

test('the help has the default of a flag once, and no flag that the verb refuses', () => {
  expect(helpText('continue')).toMatch(/--samples N +continuations to request \(default 8\)\n/);
  expect(helpText('repair-chains')).toContain('(default verdict = incorrect)');
  expect(
    helpText('export')
      .match(/--select .*/)?.[0]
      .match(/default/g),
  ).toHaveLength(1);
  expect(helpText('train')).toContain('--seed N');
  expect(helpText('compare-selections')).not.toMatch(/--seed /);
  expect(() => args('compare-selections', 'd', '--seed', '3')).toThrow('There is no flag --seed.');
});

describe('the thresholds of refilter', () => {
  const setOf = (...argv: string[]): unknown => readCommandLine(['refilter', 'folder', ...argv]).given.set;

  test('are named values, a list of filters, or JSON', () => {
    expect(setOf('--set', 'minLength=40,off=equations,language,maxOverlap=0.5')).toEqual({
      minLength: 40,
      off: ['equations', 'language'],
      maxOverlap: 0.5,
    });
    expect(setOf('--set', 'off=')).toEqual({ off: [] });
    expect(setOf('--set', '{"minLength":3}')).toEqual({ minLength: 3 });
    expect(setOf()).toBeUndefined();
  });

  test.each(['minLength', 'minLength=x', 'minLength=', '{nope', 'a=1,b'])('refuses %s', (text) => {
    expect(() => setOf('--set', text)).toThrow(/--set/);
  });
});

test('every argument of a verb has a help text, and no two flags of a verb have one name', () => {
  for (const verb of Object.keys(VERBS).filter(isVerb)) {
    const { flags, positionals } = shapeOf(VERBS[verb].args);
    const paths = [...flags, ...positionals].map(({ path }) => path);
    const covered = (path: string): boolean => paths.some((one) => one === path || one.startsWith(`${path}.`));
    expect(
      Object.keys((VERBS[verb].args as { shape: object }).shape).filter((key) => !covered(key)),
      verb,
    ).toEqual([]);
    expect([...new Set(flags.map(({ name }) => name))], verb).toHaveLength(flags.length);
    expect(flags.map(({ help }) => help)).not.toContain('');
  }
});
