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

/** Values by name. */
interface RecordSetting extends SettingBase {
  type: 'object';
  default: Readonly<Record<string, unknown>>;
  additionalProperties: object;
}

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
  'longhand.trainers': {
    type: 'object',
    default: {},
    additionalProperties: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    },
    description:
      'By the name of a trainer, the Python interpreter that has its packages (`{"trl": "/opt/trl/bin/python"}`) or a list of words that stand before `python` (`{"trl": ["uv", "run", "--with", "trl"]}`). A trainer that is not named runs in an environment of Longhand\'s own.',
    scope: 'machine',
  },
} as const satisfies Record<`longhand.${string}`, StringSetting | IntegerSetting | RecordSetting>;

export type SettingId = keyof typeof SETTINGS;

/** What reading a setting gives, by its declared type. */
export type SettingValue<S extends SettingId> = Values[(typeof SETTINGS)[S]['type']];
interface Values {
  string: string;
  integer: number;
  object: Readonly<Record<string, unknown>>;
}
