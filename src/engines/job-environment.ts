/** Never given to a trainer: some engines store the environment of a job. */
const WITHHELD = [
  'ELECTRON_RUN_AS_NODE',
  'LONGHAND_RAY_TOKEN',
  'LONGHAND_RAY_TOKENS',
  'LONGHAND_STARTER_TOKEN',
  'LONGHAND_VSCODE_TOKEN',
  'LONGHAND_VSCODE_URL',
  'SLURM_JWT',
  // Marks the processes of a job. A job that this one submits has its own mark.
  'LONGHAND_JOB',
];
/** Needed by Longhand's own jobs for hosted fine-tuning. */
const KEYS = ['LONGHAND_API_KEY', 'LONGHAND_API_HOST'];

/** The part of an environment that a job inherits. `keys`: its command is Longhand's own. */
export function inherited(env: NodeJS.ProcessEnv, { keys = false } = {}): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const name of keys ? WITHHELD : [...WITHHELD, ...KEYS]) delete rest[name];
  return rest;
}
