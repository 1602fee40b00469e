import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { ModelRef } from '../../core/schemas/index.ts';
import { formatCommand, formatSeconds } from '../../core/text/format.ts';
import { type Engine, EngineError } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { installStarterRuntime, starterRuntimeFolder } from '../../models/starter/install.ts';
import type { ServePlan } from '../../protocol/serving.ts';
import { endOfLog, lastLine, startError } from '../../serving/failure.ts';
import { toGguf } from '../../serving/gguf.ts';
import { inspectModel, type ServedModel } from '../../serving/model.ts';
import { createModel, MODELFILE, modelfile } from '../../serving/ollama.ts';
import { chooseServer, planServing } from '../../serving/plan-serving.ts';
import { freePort } from '../../serving/port.ts';
import { NotReady, waitUntilReady } from '../../serving/ready.ts';
import { isSame, runningServers, type ServeRun, startServer } from '../../serving/running-servers.ts';
import { serverTemplate } from '../../serving/servers.ts';
import { Dataset } from '../../store/index.ts';
import { JOB_FOLDER, runFolder } from '../../store/runs.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { run as setModel } from '../models/model.ts';
import { findCheckpoint } from './checkpoint.ts';

const WAIT_MINUTES = 20;

export const run: Run<'serve'> = (args, context) => serveModel(args, context);

/**
 * Serves a model.
 * @param comparison id of a comparison of selections, whose servers are its own: it never reuses another one.
 */
export async function serveModel(
  args: VerbArgs<'serve'>,
  context: VerbContext,
  comparison?: string,
): Promise<VerbResult<'serve'>> {
  const begun = Date.now();
  const { signal, progress, distFolder, env } = context;
  refuseClusters(args.engine);
  const { folder: dataset } = await Dataset.open(args.dataset, { index: false });
  const onRead = (done: number, total: number) =>
    progress({ done, total, unit: 'bytes', message: 'Reading the weights' });
  const checkpoint = await findCheckpoint(dataset, args.what, args.checkpoint, context);
  const model = await inspectModel(checkpoint?.path ?? args.what, {
    name: args.name,
    folderName: checkpoint?.folderName,
    signal,
    onRead,
  });
  const template = chooseServer(model, args.server);
  const cache = cacheFolder(env);
  const planAt = (port: number) =>
    planServing(model, {
      run: checkpoint?.run,
      server: args.server,
      port,
      program: args.program,
      args: args.args,
      type: args.type ?? 'q8_0',
      cache,
      distFolder,
      runtime: starterRuntimeFolder(cache),
      env,
    });
  const servers = { dataset, engine: await openEngine({ engine: 'local' }, { dataset, distFolder, env }), signal };
  const running = await runningServers(servers);
  const preferred = await planAt(args.port ?? template.port);
  const same = running.find((one) => isSame(one, preferred, comparison));
  // The server of a comparison is stopped by that comparison alone.
  const replaced = running.filter(
    ({ serving }) => serving.comparison === undefined || serving.comparison === comparison,
  );
  const others = args.replace ? replaced.filter((one) => one !== same) : [];
  if (args.plan) {
    const willBeFree = others.map(({ serving }) => Number(new URL(serving.baseURL).port));
    return { plan: await planAt(await freePort(args.port, template.port, willBeFree)) };
  }
  for (const other of others) await servers.engine.stop(other.handle, signal);
  const plan = same ? preferred : await planAt(await freePort(args.port, template.port));
  if (!same) await prepare(model, plan, args, cache, context);
  const files = new Map(plan.server === 'ollama' ? [[MODELFILE, modelfile(plan.model)]] : []);
  const run = same ?? (await startServer(servers, plan, files, comparison));
  const reached = { ...plan, baseURL: run.serving.baseURL, modelName: run.serving.modelName };
  try {
    await waitFor(run, reached, args, servers.engine, dataset, context);
  } catch (error) {
    const log = await endOfLog(run.logFile);
    // An abandoned server must not keep the memory of a GPU. One that ran before is left running.
    if (!same) await stopUnready(run, servers.engine, context);
    if (error instanceof NotReady) throw startError(template, error, log, run.logFile);
    throw error;
  }
  const role = args.keepEndpoint ? null : (args.role ?? 'fine-tuned');
  if (role) {
    const ref: ModelRef = { kind: 'openai', baseURL: reached.baseURL, model: reached.modelName };
    await setModel({ dataset, model: ref, role }, context);
  }
  const seconds = (Date.now() - begun) / 1000;
  return { plan: reached, serving: { run: run.id, reused: same !== undefined, role, seconds, logFile: run.logFile } };
}

export const print: Print<'serve'> = ({ plan, serving }) =>
  serving
    ? lines(
        `${plan.modelName} is served by ${plan.serverName} at ${plan.baseURL} (run ${serving.run}${serving.reused ? ', which ran already' : ''}), ready after ${formatSeconds(serving.seconds)}.`,
        serving.role === null
          ? 'The models of the dataset are unchanged.'
          : `It is the ${serving.role} model of the dataset.`,
        `Log: ${serving.logFile}`,
      )
    : lines(
        `${plan.serverName} would serve ${plan.modelName} at ${plan.baseURL}:`,
        ...(plan.converts === undefined ? [] : [`  ${plan.converts} is converted to ${plan.model} first`]),
        `  ${formatCommand(plan.command, plan.env)}`,
        ...(plan.afterwards === undefined ? [] : [`  ${formatCommand(plan.afterwards)}`]),
      );

/** A failure to stop is logged only: why the server is not ready is the error to report. */
async function stopUnready({ id, handle }: ServeRun, engine: Engine, { log }: VerbContext): Promise<void> {
  try {
    await engine.stop(handle, AbortSignal.timeout(60_000));
  } catch (error) {
    const advice = error instanceof EngineError ? ` ${error.advice}` : '';
    log(`${id} could not be stopped: ${messageOf(error)}${advice}`);
  }
}

/** What must be there before the server starts: the starter's runtime, a GGUF file. */
async function prepare(
  model: ServedModel,
  plan: ServePlan,
  { python, type }: VerbArgs<'serve'>,
  cache: string,
  { signal, progress, env }: VerbContext,
): Promise<void> {
  if (plan.server === 'starter') await installStarterRuntime({ cache, signal, onProgress: progress });
  if (plan.converts === undefined) return;
  const onLine = (message: string) => progress({ done: 0, unit: 'lines', message: `Converting: ${message}` });
  await toGguf(model, {
    python,
    type: type ?? 'q8_0',
    cache,
    env,
    signal,
    onLine,
  });
}

async function waitFor(
  run: ServeRun,
  plan: ServePlan,
  { wait = WAIT_MINUTES }: VerbArgs<'serve'>,
  engine: { status: Awaited<ReturnType<typeof openEngine>>['status'] },
  dataset: string,
  { signal, progress, env }: VerbContext,
): Promise<void> {
  const { health, lists } = serverTemplate(plan.server);
  const { afterwards: command } = plan;
  const folder = join(runFolder(dataset, run.id), JOB_FOLDER);
  await waitUntilReady({
    baseURL: plan.baseURL,
    health,
    lists,
    modelName: plan.modelName,
    status: () => engine.status(run.handle, signal),
    prepare: command && (() => createModel({ command, folder, env: { ...env, ...plan.env }, signal })),
    limitSeconds: wait * 60,
    signal,
    onWait: async ({ seconds, message }) => {
      const line = lastLine(await endOfLog(run.logFile));
      progress({ done: seconds, unit: 's', message: `${plan.serverName}: ${line ?? message}` });
    },
  });
}

/** On a cluster the node is known only when the job runs, and is seldom reached from here. */
function refuseClusters(engine: VerbArgs<'serve'>['engine']): void {
  if (engine === undefined || engine === 'local') return;
  throw new VerbError(
    `Longhand serves models on this machine, not as a job of ${engine === 'ray' ? 'Ray' : 'Slurm'}: the address of such a job is known only when it runs, and its port is rarely open to this machine.`,
    'Start the server there manually (--plan shows the command), and name it with “longhand model DATASET --role fine-tuned --url URL --model NAME”.',
  );
}
