/** For Longhand alone; a trainer has no use for them, and some engines keep the environment of a job. */
const KEPT_BACK = [
  'ELECTRON_RUN_AS_NODE',
  'LONGHAND_RAY_TOKEN',
  'LONGHAND_RAY_TOKENS',
  'LONGHAND_STARTER_TOKEN',
  'LONGHAND_VSCODE_TOKEN',
  'LONGHAND_VSCODE_URL',
  'SLURM_JWT',
  // The mark of a job that submits another: what ends the one must not end the other.
  'LONGHAND_JOB',
];
/** What Longhand's own jobs need that train at a host. */
const KEYS = ['LONGHAND_API_KEY', 'LONGHAND_API_HOST'];

/** What a job inherits of an environment. `keys`: its command is Longhand's own. */
export function inherited(env: NodeJS.ProcessEnv, { keys = false } = {}): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const name of keys ? KEPT_BACK : [...KEPT_BACK, ...KEYS]) delete rest[name];
  return rest;
}
