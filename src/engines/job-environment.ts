/** For Longhand alone; a trainer has no use for them, and some engines keep the environment of a job. */
const KEPT_BACK = [
  'ELECTRON_RUN_AS_NODE',
  'LONGHAND_API_KEY',
  'LONGHAND_API_HOST',
  'LONGHAND_RAY_TOKEN',
  'LONGHAND_STARTER_TOKEN',
  'LONGHAND_VSCODE_TOKEN',
  'LONGHAND_VSCODE_URL',
  'SLURM_JWT',
  // The mark of a job that submits another: what ends the one must not end the other.
  'LONGHAND_JOB',
];

/** What a job inherits of an environment. */
export function inherited(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const name of KEPT_BACK) delete rest[name];
  return rest;
}
