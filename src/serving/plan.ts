import { dirname, join } from 'node:path';
import type { GgufType, ServerId } from '../core/model/index.ts';
import type { ServePlan } from '../protocol/serving.ts';
import { environmentPython } from '../system/python-environment.ts';
import { fillTemplate, findProgram } from './command.ts';
import { ServingError } from './errors.ts';
import { ggufPathOf, isThere, refuseOwnCode } from './gguf.ts';
import type { ServedModel } from './model.ts';
import { createWords } from './ollama.ts';
import { SERVERS, type ServerTemplate, serverTemplate } from './servers.ts';
import { starterProgram } from './starter.ts';

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
  /** Folder of the starter's runtime, be it there yet or not. */
  runtime: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The template for a model.
 * @throws ServingError where the server can't open it, not even as a GGUF file.
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
    name: 'neither a path nor a run, and a name of the hub',
  };
  const merge = model.form === 'adapter' ? ', or merge it into its base model first' : '';
  throw new ServingError(
    `${model.path} is ${what[model.form]}, which ${template.name} does not open.`,
    `Choose --server ${able.join(' or ')}${merge}.`,
  );
}

/** `transformers` of Longhand's own Python environment, where that was made; else it is looked for on the PATH. */
async function environmentProgram({ id }: ServerTemplate, cache: string): Promise<string[] | undefined> {
  if (id !== 'transformers') return undefined;
  const program = join(dirname(environmentPython(cache, 'trainer')), 'transformers');
  return (await isThere(program)) ? [program] : undefined;
}

/**
 * What would run.
 * @throws ServingError when a program is missing, or a folder that is to be converted brings code of its own.
 */
export async function planServing(model: ServedModel, options: PlanOptions): Promise<ServePlan> {
  const template = chooseServer(model, options.server);
  const convert = !template.takes.includes(model.form);
  const path = convert ? await ggufPathOf(model, options.type, options.cache) : model.path;
  const converts = convert && !(await isThere(path));
  if (converts) await refuseOwnCode(model.path);
  const opened: ServedModel = { ...model, form: convert ? 'gguf' : model.form, path };
  const given = options.program?.length ? options.program : await environmentProgram(template, options.cache);
  const own = template.id === 'starter' ? starterProgram(options.distFolder, options.runtime) : undefined;
  if (own && options.program?.length) {
    throw new ServingError(
      'The starter runtime is a program of Longhand.',
      'Leave out --program, or choose another --server.',
    );
  }
  const filled = fillTemplate(template, opened, {
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
    ...(options.run === undefined ? {} : { run: options.run }),
    ...(converts ? { converts: model.path } : {}),
    baseURL: `http://127.0.0.1:${options.port}/v1`,
    modelName: filled.modelName,
    command,
    env: { ...filled.env, ...own?.env },
    ...(template.id === 'ollama'
      ? { afterwards: [...command.slice(0, filled.program.length), ...createWords(filled.modelName)] }
      : {}),
  };
}
