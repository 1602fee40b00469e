import { SERVERS } from '../../serving/servers.ts';

interface SettingBase {
  description: string;
  /**
   * Neither can be set by a workspace, so not by a stranger's folder. `application` is about the person and holds in every window;
   * `machine` is about where the extension runs: with a server, VS Code ignores what the user's own settings say.
   */
  scope: 'application' | 'machine';
}

interface StringSetting extends SettingBase {
  type: 'string';
  default: string;
}

interface IntegerSetting extends SettingBase {
  type: 'integer';
  default: number;
  minimum: number;
  maximum: number;
}

/** Lists of words by name. */
interface WordsSetting extends SettingBase {
  type: 'object';
  default: Readonly<Record<string, readonly string[]>>;
  properties?: Readonly<Record<string, object>>;
  additionalProperties: false | object;
}

const WORDS = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 };

export const SETTINGS = {
  'longhand.reviewer': {
    type: 'string',
    default: '',
    description:
      'Your name in review acts; it also names your file in the `reviews` folder of a dataset. When empty: `user.name` of your Git configuration, else the name of your account.',
    scope: 'application',
  },
  'longhand.starter.threads': {
    type: 'integer',
    // Threads of the model spin while they wait for each other: with a busy neighbour on the last core they take a hundred times as long.
    default: 0,
    minimum: 0,
    maximum: 64,
    description:
      'Processor threads that the starter model computes with; 0 leaves one core to the rest of the machine. More than the free cores makes it many times slower. Takes effect when the starter is started again.',
    scope: 'machine',
  },
  'longhand.cacheFolder': {
    type: 'string',
    default: '',
    description:
      "Absolute path of the folder for downloaded models and their runtime. When empty: `longhand` in your account's cache folder.",
    scope: 'machine',
  },
  'longhand.serving.programs': {
    type: 'object',
    default: {},
    properties: Object.fromEntries(
      SERVERS.filter(({ program }) => program.length > 0).map(({ id, program }) => [
        id,
        { ...WORDS, default: program },
      ]),
    ),
    additionalProperties: false,
    description:
      'Programs of model servers by name, each a list of words: `{ "vllm": ["uv", "run", "--with", "vllm", "vllm"] }`. What is not named is looked for on the PATH.',
    scope: 'machine',
  },
  'longhand.training.programs': {
    type: 'object',
    default: {},
    additionalProperties: WORDS,
    description:
      'What starts Python for a trainer, by its name, as a list of words: `{ "trl": ["/opt/trl/bin/python"] }` or `{ "trl": ["uv", "run", "--with", "trl", "python"] }`. Under `custom`, the words are the whole command of your own. What is not named runs in an environment that Longhand makes for itself.',
    scope: 'machine',
  },
} as const satisfies Record<`longhand.${string}`, StringSetting | IntegerSetting | WordsSetting>;

export type SettingId = keyof typeof SETTINGS;

/** What reading a setting gives, by its declared type. What is inside an object is not checked. */
export type SettingValue<S extends SettingId> = {
  string: string;
  integer: number;
  object: Readonly<Record<string, unknown>>;
}[(typeof SETTINGS)[S]['type']];
