import { keyLabel, REMAPPABLE } from '../../protocol/keys.ts';
import { SERVERS } from '../../serving/servers.ts';

interface SettingBase {
  description: string;
  /** Neither can be set by a workspace, which may be untrusted. `machine` settings belong to the machine that runs the extension. */
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

/** Command lines or keys by name. */
interface ListsSetting extends SettingBase {
  type: 'object';
  default: Readonly<Record<string, readonly string[]>>;
  properties?: Readonly<Record<string, object>>;
  additionalProperties: false | object;
}

const KEYS = { type: 'array', items: { type: 'string', minLength: 1 } };
const COMMAND = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 };

export const SETTINGS = {
  'longhand.reviewer': {
    type: 'string',
    default: '',
    description:
      'Your name as a reviewer. It also names your file in the `reviews` folder of a dataset. When empty: `user.name` of your Git configuration, otherwise the name of your account.',
    scope: 'application',
  },
  'longhand.keys': {
    type: 'object',
    default: {},
    properties: Object.fromEntries(
      [...REMAPPABLE].map(([name, { keys, title }]) => [
        name,
        { ...KEYS, description: `${title}: ${keys.map(keyLabel).join(' or ')}` },
      ]),
    ),
    additionalProperties: false,
    description:
      'Other keys for the pages of Longhand, by the name of the action: `{ "review.accept": ["F2"], "review.skip": [] }`. An action without keys stays in the palette. The keyboard reference lists the names. Two actions of one page can’t have the same key.',
    scope: 'application',
  },
  'longhand.starter.threads': {
    type: 'integer',
    // Threads spin while they wait for each other: with another process on the last core, the model is a hundred times slower.
    default: 0,
    minimum: 0,
    maximum: 64,
    description:
      'Number of CPU threads for the starter model. With 0, one core stays free. More threads than free cores make the model much slower. A change takes effect when you restart the starter model.',
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
        { ...COMMAND, default: program },
      ]),
    ),
    additionalProperties: false,
    description:
      'Commands that start model servers, by the name of the server. Each command is a list of words: `{ "vllm": ["uv", "run", "--with", "vllm", "vllm"] }`. A server that is not listed is looked up on the PATH.',
    scope: 'machine',
  },
  'longhand.training.programs': {
    type: 'object',
    default: {},
    additionalProperties: COMMAND,
    description:
      'Commands that start Python for a trainer, by the name of the trainer. Each command is a list of words: `{ "trl": ["/opt/trl/bin/python"] }` or `{ "trl": ["uv", "run", "--with", "trl", "python"] }`. Under `custom`, the words are your whole command. A trainer that is not listed runs in an environment that Longhand installs.',
    scope: 'machine',
  },
} as const satisfies Record<`longhand.${string}`, StringSetting | IntegerSetting | ListsSetting>;

export type SettingId = keyof typeof SETTINGS;

/** The type of a setting's value. The content of objects is not validated. */
export type SettingValue<S extends SettingId> = {
  string: string;
  integer: number;
  object: Readonly<Record<string, unknown>>;
}[(typeof SETTINGS)[S]['type']];
