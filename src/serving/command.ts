import { constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../core/errors.ts';
import { fillTemplate } from '../core/text/fill-template.ts';
import { exists } from '../system/regular-file.ts';
import type { ServedModel } from './model.ts';
import type { ServerTemplate } from './servers.ts';

export interface ServerCommand {
  command: string[];
  env: Record<string, string>;
  /** The part of the command before the template's arguments. */
  program: string[];
  /** The name in requests. */
  modelName: string;
}

export interface FillOptions {
  port: number;
  /** Replaces the template's program. */
  program?: readonly string[] | undefined;
  /** Added after the template's arguments, so that they take precedence. */
  more?: readonly string[] | undefined;
}

/** The command of a server for a model. */
export function serverCommand(template: ServerTemplate, model: ServedModel, options: FillOptions): ServerCommand {
  const { adapter } = model;
  const values: Readonly<Record<string, string>> = {
    model: model.path,
    name: model.name,
    port: String(options.port),
    ...(adapter && { base: adapter.base, rank: String(rankFor(adapter.rank)) }),
  };
  const fill = (text: string) => fillTemplate(text, values);
  const args = (adapter && template.adapterArgs) ?? template.args;
  const program = [...(options.program?.length ? options.program : template.program)];
  const env = Object.entries(template.env).map(([key, value]) => [key, fill(value)] as const);
  // A local folder needs no network; the base model of an adapter may.
  if (model.form === 'folder') env.push(['HF_HUB_OFFLINE', '1']);
  return {
    command: [...program, ...args.map(fill), ...(options.more ?? [])],
    program,
    env: Object.fromEntries(env),
    modelName: fill((adapter && template.adapterName) ?? template.modelName),
  };
}

/** The ranks that vLLM supports. */
const RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

function rankFor(rank: number): number {
  return RANKS.find((one) => one >= rank) ?? rank;
}

/**
 * The path of a program; names are searched on the PATH, as the engine does.
 * @throws UserError `serving` with advice on the installation.
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
  throw new UserError(
    'serving',
    isPath ? `${program} is not an executable program.` : `${program} was not found on the PATH.`,
    `Install it (${template.install}), or name it with --program or in the setting longhand.serving.programs.`,
  );
}

function isExecutable(file: string): Promise<boolean> {
  return exists(file, process.platform === 'win32' ? constants.F_OK : constants.X_OK);
}
