import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { ServingError } from './errors.ts';
import type { ServedModel } from './model.ts';
import type { ServerTemplate } from './servers.ts';

export interface ServerCommand {
  command: string[];
  env: Record<string, string>;
  /** Its first words: what the template's arguments were put after. */
  program: string[];
  /** The name in requests. */
  modelName: string;
}

export interface FillOptions {
  port: number;
  /** In place of the template's program. */
  program?: readonly string[] | undefined;
  /** Put after the template's own arguments, so that they win. */
  more?: readonly string[] | undefined;
}

/** The command of a server for a model. */
export function fillTemplate(template: ServerTemplate, model: ServedModel, options: FillOptions): ServerCommand {
  const { adapter } = model;
  const values: Readonly<Record<string, string>> = {
    model: model.path,
    name: model.name,
    port: String(options.port),
    ...(adapter ? { base: adapter.base, rank: String(rankFor(adapter.rank)) } : {}),
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  const args = (adapter && template.adapterArgs) ?? template.args;
  const program = [...(options.program?.length ? options.program : template.program)];
  const env = Object.entries(template.env).map(([key, value]) => [key, fill(value)] as const);
  // What lies on this disk needs no network; a base model of an adapter may.
  if (model.form === 'folder') env.push(['HF_HUB_OFFLINE', '1']);
  return {
    command: [...program, ...args.map(fill), ...(options.more ?? [])],
    program,
    env: Object.fromEntries(env),
    modelName: fill((adapter && template.adapterName) ?? template.modelName),
  };
}

/** The ranks that vLLM makes room for. */
const RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

function rankFor(rank: number): number {
  return RANKS.find((one) => one >= rank) ?? rank;
}

/**
 * Where a program is; names are looked for on the PATH, as the engine would.
 * @throws ServingError that says how it is installed.
 */
export async function findProgram(program: string, template: ServerTemplate, env: NodeJS.ProcessEnv): Promise<string> {
  const isPath = isAbsolute(program) || /[/\\]/.test(program);
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  const folders = isPath ? [''] : (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    for (const ending of endings) {
      const file = isPath ? resolve(`${program}${ending}`) : join(folder, `${program}${ending}`);
      if (await isExecutable(file)) return file;
    }
  }
  throw new ServingError(
    isPath ? `${program} is no program that can be run.` : `${program} was not found on the PATH.`,
    `Install it (${template.install}), or name it with --program or in the setting longhand.serving.programs.`,
  );
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, process.platform === 'win32' ? constants.F_OK : constants.X_OK).then(
    () => true,
    () => false,
  );
}
