import { dirname, join } from 'node:path';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import type { GgufType, ServerId } from '../core/schemas/index.ts';
import { defaultThreads } from '../models/starter/lifecycle.ts';
import type { ServePlan } from '../protocol/serving.ts';
import { environmentPython } from '../system/python-environment.ts';
import { exists } from '../system/regular-file.ts';
import { findProgram, serverCommand } from './command.ts';
import { ggufPathOf, isConverted, refuseOwnCode } from './gguf.ts';
import type { ServedModel } from './model.ts';
import { createArgs } from './ollama.ts';
import { SERVERS, type ServerTemplate, serverTemplate } from './servers.ts';

export interface PlanOptions {
  server: ServerId | undefined;
  /** The training whose checkpoint it is. */
  run: string | undefined;
  port: number;
  program: readonly string[] | undefined;
  args: readonly string[] | undefined;
  type: GgufType;
  cache: string;
  distFolder: string;
  /** Folder of the starter's runtime, which may not exist yet. */
  runtime: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The template for a model.
 * @throws UserError `serving` when the server can't open it, not even as a GGUF file.
 */
export function chooseServer(model: ServedModel, server: ServerId | undefined): ServerTemplate {
  const template = serverTemplate(server ?? 'starter');
  if (template.takes.includes(model.form)) return template;
  if (model.form === 'folder' && template.takes.includes('gguf')) return template;
  const able = SERVERS.filter(({ takes }) => takes.includes(model.form)).map(({ id }) => id);
  const what = {
    folder: 'a folder of safetensors',
    adapter: 'a LoRA adapter',
    gguf: 'a GGUF file',
    name: 'a model name on the Hugging Face hub, not a path or a run',
  };
  const merge = model.form === 'adapter' ? ', or merge it into its base model first' : '';
  throw new UserError(
    'serving',
    `${model.path} is ${what[model.form]}, which ${template.name} can’t open.`,
    `Choose --server ${able.join(' or ')}${merge}.`,
  );
}

/** `transformers` in Longhand's own Python environment; undefined for the one on the PATH. */
async function environmentProgram({ id }: ServerTemplate, cache: string): Promise<string[] | undefined> {
  if (id !== 'transformers') return undefined;
  const program = join(dirname(environmentPython(cache, 'trainer')), 'transformers');
  return (await exists(program)) ? [program] : undefined;
}

/**
 * Plans a server without starting it.
 * @throws UserError `serving` when a program is missing, or a folder that must be converted has code.
 */
export async function planServing(model: ServedModel, options: PlanOptions): Promise<ServePlan> {
  const template = chooseServer(model, options.server);
  const convert = !template.takes.includes(model.form);
  const path = convert ? await ggufPathOf(model, options.type, options.cache) : model.path;
  const converts = convert && !(await isConverted(path));
  if (converts) await refuseOwnCode(model.path);
  const opened: ServedModel = { ...model, form: convert ? 'gguf' : model.form, path };
  const given = options.program?.length ? options.program : await environmentProgram(template, options.cache);
  const own = template.id === 'starter' ? starterProgram(options.distFolder, options.runtime) : undefined;
  if (own && options.program?.length) {
    throw new UserError(
      'serving',
      'The starter runtime is a program of Longhand.',
      'Omit --program, or choose another --server.',
    );
  }
  const filled = serverCommand(template, opened, {
    port: options.port,
    program: own?.program ?? given,
    more: [...(own?.more ?? []), ...(options.args ?? [])],
  });
  const [program = '', ...rest] = filled.command;
  const command = [own ? program : await findProgram(program, template, options.env), ...rest];
  return {
    server: template.id,
    serverName: template.name,
    form: model.form,
    model: path,
    ...defined({ run: options.run, converts: converts ? model.path : undefined }),
    baseURL: `http://127.0.0.1:${options.port}/v1`,
    modelName: filled.modelName,
    command,
    env: { ...filled.env, ...own?.env },
    ...(template.id === 'ollama' && {
      afterwards: [...command.slice(0, filled.program.length), ...createArgs(filled.modelName)],
    }),
  };
}

interface StarterProgram {
  program: string[];
  more: string[];
  env: Record<string, string>;
}

/**
 * Longhand's own server as a program, run with the Node of this process.
 * @param runtime folder of the installed runtime.
 */
function starterProgram(distFolder: string, runtime: string): StarterProgram {
  return {
    program: [process.execPath, join(distFolder, 'starter.mjs')],
    more: ['--runtime', runtime, '--threads', String(defaultThreads()), '--context', '4096'],
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}
