import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defined, present } from '../../core/defined.ts';
import { inOrder } from '../../core/evaluation/index.ts';
import type { ModelRef, ModelRole } from '../../core/schemas/index.ts';
import { ARM_NAMES, type ArmEvaluation, type ArmName, armsOf, stepCount } from '../../core/selections/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { EngineError } from '../../engines/engine.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import type { RunReport } from '../../protocol/training.ts';
import type { FindContamination } from '../../runner/evaluation/run-evaluation.ts';
import { contaminationOf } from '../../runner/evaluation/trained.ts';
import { freePort } from '../../serving/port.ts';
import { StoreError } from '../../store/errors.ts';
import { evaluatedSamples, listEvaluations, readEvaluation, type StoredEvaluation } from '../../store/evaluations.ts';
import { readRun } from '../../store/runs.ts';
import { basePromptOf, heldOutFile, type StoredComparison } from '../../store/selections/comparisons.ts';
import type { Steps } from '../../store/selections/steps.ts';
import { findModel } from '../../trainers/model.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { evaluateModel } from '../evaluation/evaluate.ts';
import { run as exportRows } from '../export/export.ts';
import type { VerbArgs } from '../index.ts';
import { serveModel } from '../serving/serve.ts';
import { run as resumeRun } from '../training/resume-run.ts';
import { run as reportRun } from '../training/run.ts';
import { isOpen } from '../training/run-context.ts';
import { run as listRuns } from '../training/runs.ts';
import { run as stopRun } from '../training/stop-run.ts';
import { run as train } from '../training/train.ts';
import { refuseOtherFlags } from './pinned.ts';

/** What a comparison takes from flags and settings each time: nothing of a dataset names a program. */
export type Programs = Pick<CompareSelectionsArgs, 'program' | 'config' | 'resources' | 'serving'>;

/** An evaluation on a set of held-out problems, by the place of the set in the plan. */
export type SetEvaluation = ArmEvaluation & { set: number };

/** A model while it is served by a run. */
interface Served {
  model: ModelRef;
  run: string;
}

/** An arm in one seed, and its model: a run, or the path of the base model. */
interface Arm {
  arm: ArmName;
  seed: number;
  what: string;
  role: ModelRole;
  run?: string;
  export?: string;
  /** Rows that the training truncated, and rows without a token to train; absent where its run is deleted. */
  cutRows?: number;
  emptyRows?: number;
}

const Port = z.number().int();
/** Ports of comparisons: each begins with another one, so that two can run at once. */
const PORTS = { first: 8431, count: 500 };
/** How often an evaluation requests what the server refused. */
const MOST_ASKED = 3;
/** For servers and trainings that are stopped after a cancel. */
export const STOP_LIMIT_MS = 60_000;
/** How often, and how long after one another, a refused resume is tried again. */
const MOST_REFUSED = 30;
const REFUSED_MS = 1000;
/** A server that was just stopped may still have its port. */
const PORT_FREE_MS = 500;

/**
 * The work of a comparison, in steps that are each a verb: export, train, serve, evaluate. A finished step is never repeated, and a stopped one resumes from
 * the files of its verb.
 */
export class ArmRunner {
  readonly #stored: StoredComparison;
  readonly #steps: Steps;
  readonly #programs: Programs;
  readonly #context: VerbContext;
  readonly #dataset: string;
  readonly #base: string;
  readonly #total: number;
  /** By seed and set. */
  readonly #contamination = new Map<string, ReturnType<FindContamination>>();
  #done = 0;

  /** @param base path of the model before training. */
  constructor(
    { dataset, base }: { dataset: string; base: string },
    stored: StoredComparison,
    steps: Steps,
    programs: Programs,
    context: VerbContext,
  ) {
    this.#dataset = dataset;
    this.#base = base;
    this.#stored = stored;
    this.#steps = steps;
    this.#programs = programs;
    this.#context = context;
    this.#total = stepCount(stored.plan);
  }

  /**
   * All exports first, so that a chain that is edited later changes no arm. Then seed by seed, so that the first seed is a whole comparison. Nothing
   * held out is measured before all arms of a seed are trained.
   */
  async run(): Promise<SetEvaluation[]> {
    const { plan } = this.#stored;
    const exports = new Map<string, string>();
    for (const seed of plan.seeds)
      for (const { arm } of plan.arms) {
        const name = this.#nameOf(arm, seed);
        exports.set(name, await this.#step(`export ${name}`, z.string(), () => this.#export(arm, seed, name)));
      }
    await this.#preflight(exports);
    const found: SetEvaluation[] = [];
    for (const seed of plan.seeds) {
      const arms: Arm[] = [];
      for (const arm of armsOf(plan)) arms.push(await this.#model(arm, seed, exports.get(this.#nameOf(arm, seed))));
      for (const arm of arms) found.push(...(await this.#evaluated(arm)));
    }
    return found;
  }

  /** Before the first training: else one that can't run would be found after hours of the others. @throws VerbError for an error of a preflight */
  async #preflight(exports: ReadonlyMap<string, string>): Promise<void> {
    const { arms, seeds } = this.#stored.plan;
    const [seed = 0] = seeds;
    const { runs } = await listRuns({ dataset: this.#dataset, kind: 'train' }, this.#context);
    // A run whose training is finished may be deleted.
    const isBegun = (name: string): boolean => this.#steps.has(`train ${name}`) || runs.some(({ run }) => run === name);
    if (arms.some(({ arm }) => isBegun(this.#nameOf(arm, seed)))) return;
    for (const { arm } of arms) {
      const name = this.#nameOf(arm, seed);
      const context = this.#inner(`train ${name}`);
      context.progress({ done: 0, unit: 'steps', message: 'preflight' });
      const { plan } = await train({ ...this.#trainArgs(name, exports.get(name), seed), plan: true }, context);
      const wrong = plan.checks.find(({ state }) => state === 'error');
      if (wrong)
        throw new VerbError(
          `${ARM_NAMES[arm]} can’t be trained: ${wrong.message}`,
          wrong.advice ?? 'Nothing was trained. Resume the comparison when it is solved.',
        );
    }
  }

  #trainArgs(name: string, exported: string | undefined, seed: number): VerbArgs<'train'> {
    const { trainer, model, settings, engine } = this.#stored.plan.training;
    const { program, config, resources } = this.#programs;
    return {
      ...{ dataset: this.#dataset, name, trainer, settings: { ...settings, seed } },
      ...defined({ export: exported, model, engine, program, config, resources }),
    };
  }

  /** The model of an arm, which is trained if it has an export. */
  async #model(arm: ArmName, seed: number, exported: string | undefined): Promise<Arm> {
    if (exported === undefined) return { arm, seed, what: this.#base, role: 'base' };
    const name = this.#nameOf(arm, seed);
    const run = await this.#step(`train ${name}`, z.string(), () => this.#train(name, exported, seed));
    return { arm, seed, what: run, role: 'fine-tuned', run, export: exported, ...(await this.#rowsOf(run)) };
  }

  /** Rows that a training did not use; unknown where its run is deleted, which nothing needs once it is evaluated. */
  async #rowsOf(run: string): Promise<Pick<Arm, 'cutRows' | 'emptyRows'>> {
    try {
      const { cutRows = 0, emptyRows = 0 } = (await readRun(this.#dataset, run)).record.training ?? {};
      return { cutRows, emptyRows };
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'unknown-run') return {};
      throw error;
    }
  }

  #nameOf(arm: ArmName, seed: number): string {
    return `compare-${this.#stored.plan.id}-${arm}-${seed}`;
  }

  async #step<T>(name: string, result: z.ZodType<T>, work: () => Promise<T>): Promise<T> {
    this.#context.signal.throwIfAborted();
    this.#context.progress({ done: this.#done, total: this.#total, unit: 'steps', message: name });
    const value = await this.#steps.step(name, result, work);
    this.#done += 1;
    return value;
  }

  /** For a verb within this one: its progress is a part of the step, and its result is not the result of the process. */
  #inner(step: string): VerbContext {
    return {
      ...this.#context,
      endsBadly: () => undefined,
      progress: ({ done, total, unit, message }) => {
        const amount = `${present(formatCount(done), total !== undefined && formatCount(total)).join(' of ')} ${unit}`;
        const text = [step, amount, message].filter((part) => part !== undefined).join(': ');
        this.#context.progress({ done: this.#done, total: this.#total, unit: 'steps', message: text });
      },
    };
  }

  async #export(arm: ArmName, seed: number, name: string): Promise<string> {
    const { plan } = this.#stored;
    const draw = plan.draws.find((one) => one.arm === arm && one.seed === seed);
    const unmasked = plan.arms.find((one) => one.arm === arm)?.unmasked ?? false;
    const base = await findModel(this.#base);
    const { chains, folder } = await exportRows(
      {
        ...{ dataset: this.#dataset, select: 'all', chains: draw?.chains ?? [], name },
        ...defined({ marker: plan.marker }),
        ...(unmasked ? { unmasked } : {}),
        // A folder has a chat template, which decides the form of the reasoning. A name of the hub is read by the trainer alone.
        ...(base.kind === 'folder' ? { model: base.path } : {}),
      },
      this.#inner(`export ${name}`),
    );
    if (chains !== draw?.chains.length)
      throw new VerbError(
        `${plural(draw?.chains.length ?? 0, 'chain')} were planned for ${name}, and ${formatCount(chains)} could be exported.`,
        'Chains of the dataset have changed: plan the comparison again.',
      );
    return folder.split(/[\\/]/).at(-1) ?? name;
  }

  /** Starts a training, follows one from an earlier start, or resumes one that was stopped before this start. @returns its run. */
  async #train(name: string, exported: string, seed: number): Promise<string> {
    const context = this.#inner(`train ${name}`);
    try {
      const { run, state, failure, message } = await this.#trained(name, exported, seed, context);
      if (state === 'succeeded') return run;
      throw new VerbError(
        `The training ${run} did not succeed (${state}): ${failure?.message ?? message ?? 'its log shows why'}.`,
        `See “longhand run-log DATASET ${run}”. Then resume the comparison, which resumes a training that was stopped; one that failed needs resume-run.`,
      );
    } catch (error) {
      if (context.signal.aborted) await this.#stop(name);
      throw error;
    }
  }

  async #trained(name: string, exported: string, seed: number, context: VerbContext): Promise<RunReport> {
    const dataset = this.#dataset;
    const { runs } = await listRuns({ dataset, kind: 'train' }, context);
    if (!runs.some(({ run }) => run === name)) {
      // Hours after the start, the file may be another one.
      await refuseOtherFlags(this.#stored.plan, this.#programs);
      const { report, plan } = await train({ ...this.#trainArgs(name, exported, seed), follow: true }, context);
      if (report === undefined) throw new VerbError(`The training ${plan.run} was not started.`, 'See the log.');
      return report;
    }
    // Its own engine alone is asked: the other runs of a dataset may be a stranger's.
    const { report } = await reportRun({ dataset, run: name }, context);
    if (isOpen(report.state)) return (await reportRun({ dataset, run: name, follow: true }, context)).report;
    if (report.state === 'succeeded' || report.state === 'failed') return report;
    return this.#resumed(name, context);
  }

  /** Resumes a training that was stopped. A job that was submitted as its starter was killed may begin only now: then it is followed. */
  async #resumed(run: string, context: VerbContext): Promise<RunReport> {
    const dataset = this.#dataset;
    for (let refused = 0; ; refused++) {
      try {
        return (
          await resumeRun({ dataset, run, follow: true, ...defined({ program: this.#programs.program }) }, context)
        ).report;
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind !== 'refused' || refused > MOST_REFUSED) throw error;
      }
      await sleep(REFUSED_MS, undefined, { signal: context.signal });
      const { report } = await reportRun({ dataset, run }, context);
      if (isOpen(report.state)) return (await reportRun({ dataset, run, follow: true }, context)).report;
      if (report.state === 'succeeded') return report;
    }
  }

  /** Serves a model, evaluates it on all sets, and stops the server: a sampler beside a trainer slows both down. */
  async #evaluated(arm: Arm): Promise<SetEvaluation[]> {
    const { plan } = this.#stored;
    const { what, role: _role, ...made } = arm;
    let served: Served | undefined;
    const found: SetEvaluation[] = [];
    try {
      for (const set of plan.sets.keys()) {
        const name = `${this.#nameOf(arm.arm, arm.seed)}${set === 0 ? '' : `-${set + 1}`}`;
        const evaluation = await this.#step(`evaluate ${name}`, z.string(), async () => {
          served ??= await this.#serve(name, what);
          return this.#evaluate(name, arm, set, served.model);
        });
        const { plan: asked, folder } = await readEvaluation(this.#dataset, evaluation);
        const samples = inOrder(await evaluatedSamples(folder), asked.problemIds);
        found.push({ ...made, set, evaluation, samples });
      }
    } finally {
      if (served) await this.#stop(served.run);
    }
    return found;
  }

  async #serve(name: string, what: string): Promise<Served> {
    const { server, serverType } = this.#stored.plan;
    const { serverPython, serverProgram, serverArgs } = this.#programs.serving ?? {};
    await this.#stopEarlier();
    const port = await this.#port(name);
    const { plan, serving } = await serveModel(
      {
        ...{ dataset: this.#dataset, what, port, keepEndpoint: true },
        ...defined({ server, python: serverPython, program: serverProgram, args: serverArgs, type: serverType }),
      },
      this.#inner(`serve ${name}`),
      this.#stored.plan.id,
    );
    if (serving === undefined) throw new VerbError(`No server of ${name} was started.`, 'See the log.');
    return { model: { kind: 'openai', baseURL: plan.baseURL, model: plan.modelName }, run: serving.run };
  }

  /** Servers of an earlier start that was killed are stopped. */
  async #stopEarlier(): Promise<void> {
    const { runs } = await listRuns({ dataset: this.#dataset, kind: 'serve' }, this.#context);
    const { id } = this.#stored.plan;
    for (const { run, state, serving } of runs) if (isOpen(state) && serving?.comparison === id) await this.#stop(run);
    await sleep(PORT_FREE_MS, undefined, { signal: this.#context.signal });
  }

  /** An evaluation resumes at the address that it began with; another one takes any free port. @throws VerbError where that port is in use */
  async #port(name: string): Promise<number> {
    const { id, comparison } = this.#stored.plan;
    const usual = PORTS.first + (Number.parseInt(id, 16) % PORTS.count);
    const port = await this.#steps.step('port', Port, () => freePort(undefined, usual));
    const begun = (await this.#evaluation(name))?.plan;
    if (begun?.model.kind !== 'openai') return freePort(undefined, port);
    const address = new URL(begun.model.baseURL);
    return freePort(Number(address.port), port).catch(() => {
      throw new VerbError(
        `Port ${address.port} is in use, and evaluation ${begun.evaluation} has its first answers from ${address.host}.`,
        `Stop the program that uses the port, then resume comparison ${comparison}.`,
      );
    });
  }

  /** The evaluation of this name, if it has begun. */
  async #evaluation(name: string): Promise<StoredEvaluation | undefined> {
    const all = await listEvaluations(this.#dataset);
    return all.find(({ plan }) => plan.evaluation.replace(/^\d+-/, '') === name);
  }

  async #evaluate(name: string, { arm, seed, role }: Arm, set: number, model: ModelRef): Promise<string> {
    const { plan } = this.#stored;
    const dataset = this.#dataset;
    const before = await this.#evaluation(name);
    const { k, response, concurrency } = plan;
    const prompt = arm === 'prompted' ? basePromptOf(this.#stored) : undefined;
    const args = before
      ? { dataset, resume: before.plan.evaluation }
      : {
          ...{ dataset, problems: await heldOutFile(this.#stored, set), name, model, role, k, seed },
          ...defined({ response, concurrency, prompt }),
        };
    const context = this.#inner(`evaluate ${name}`);
    const contamination = this.#contaminationOf(seed, set);
    let done = await evaluateModel(args, context, contamination);
    const { evaluation } = done.plan;
    for (let times = 1; times < MOST_ASKED && (done.result?.unanswered ?? 0) > 0; times++)
      done = await evaluateModel({ dataset, resume: evaluation }, context, contamination);
    return evaluation;
  }

  /** All evaluations of a seed come after its trainings, so that the training data are read once for all of them. */
  #contaminationOf(seed: number, set: number): FindContamination {
    return (...given) => {
      const key = `${seed} ${set}`;
      const found = this.#contamination.get(key) ?? contaminationOf(...given);
      this.#contamination.set(key, found);
      return found;
    };
  }

  /** Also after a cancel, which must not prevent it. */
  async #stop(run: string): Promise<void> {
    const context = { ...this.#context, signal: AbortSignal.timeout(STOP_LIMIT_MS) };
    await stopRun({ dataset: this.#dataset, run }, context).catch((error: unknown) =>
      this.#context.log(`Run ${run} could not be stopped: ${String(error)}`),
    );
  }
}
