import { join } from 'node:path';
import { ProgressLine, type RunAttempt, type RunRecord } from '../../../core/schemas/index.ts';
import { foldProgress, type RunCurve, thinPoints, withKept } from '../../../core/training/curve.ts';
import { MOST_RUNS } from '../../../core/training/loss-picture.ts';
import type { LossRun, ToLossPage } from '../../../protocol/loss-page.ts';
import type { RunReport } from '../../../protocol/training.ts';
import { FollowedLines } from '../../../store/lines/follow.ts';
import { PROGRESS_FILE } from '../../../store/runs.ts';

/** What a session reads from. */
export interface LossSource {
  dataset: string;
  /** Folder of the dataset. */
  folder: string;
  /** All trainings, oldest first. */
  reports(): readonly RunReport[];
  /** The record of a run and its starts. */
  read(run: string): Promise<{ record: RunRecord; attempts: RunAttempt[] }>;
  /** Steps of its complete checkpoints, if this machine can read them. */
  kept(run: string): Promise<readonly number[] | undefined>;
  /** Asks the engine for the last lines of the log, and for progress if there is no progress file. */
  ask(run: string): Promise<{ log: string[]; progress: ProgressLine[] }>;
  trusted(): boolean;
}

/** A page can't show more points. */
const MOST_POINTS = 1200;
/** There is no progress yet, or the engine must not be asked. */
const NOT_STARTED: ReadonlySet<RunReport['state']> = new Set(['prepared', 'pending', 'unasked']);
const BAD_END: ReadonlySet<RunReport['state']> = new Set(['failed', 'lost']);

/** A shown run with its progress. */
interface Watched {
  file: FollowedLines<ProgressLine>;
  lines: ProgressLine[];
  /** Whether the lines are from the progress file, not from the engine. */
  own: boolean;
  curve: RunCurve;
  /** Steps of the existing checkpoints, and a key of the state in which they were read. */
  kept: readonly number[] | undefined;
  keptAt: string;
  record: RunRecord;
  attempts: RunAttempt[];
  log: string[];
  /** A key of the state in which the engine was asked. */
  asked: string;
}

/**
 * The state of Show Loss: one run, and others for comparison. Progress is usually from `progress.jsonl`, of which each refresh reads what
 * was appended; the status of a run is from its report.
 */
export class LossSession {
  readonly #source: LossSource;
  readonly #run: string;
  readonly #watched = new Map<string, Watched>();
  /** Other runs, for which only the existence of a loss matters. */
  readonly #peeked = new Map<string, { file: FollowedLines<ProgressLine>; loss: boolean }>();
  #others: readonly string[] = [];
  #refreshing: Promise<unknown> = Promise.resolve();
  #shown = '';

  constructor(source: LossSource, run: string, others: readonly string[] = []) {
    this.#source = source;
    this.#run = run;
    this.compare(others);
  }

  /** Shows these runs too, as many as there are colours. */
  compare(runs: readonly string[]): void {
    this.#others = [...new Set(runs)].filter((run) => run !== this.#run).slice(0, MOST_RUNS - 1);
  }

  get shown(): readonly string[] {
    return [this.#run, ...this.#others];
  }

  /** Whether a shown run may report more progress. */
  get live(): boolean {
    return this.shown.some((run) => {
      const state = this.#report(run)?.state;
      return state === 'running' || state === 'pending' || state === 'unreachable';
    });
  }

  /** Reads what is new. @returns Whether the view changed. Throws if the page's own run can't be read. */
  refresh(): Promise<boolean> {
    const looked = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = looked.catch(() => undefined);
    return looked;
  }

  /** Undefined before the first refresh. */
  view(): ToLossPage | undefined {
    const run = this.#lossRun(this.#run);
    if (run === undefined) return undefined;
    const { dataset, folder } = this.#source;
    return {
      type: 'snapshot',
      folder,
      dataset,
      run,
      others: this.#others.flatMap((other) => this.#lossRun(other) ?? []),
      choices: this.#source
        .reports()
        .flatMap(({ run: other, loss }) => (other !== this.#run && this.#hasLoss(other, loss) ? [other] : []))
        .reverse(),
      trusted: this.#source.trusted(),
    };
  }

  async #refresh(): Promise<boolean> {
    for (const run of this.shown) {
      try {
        await this.#read(run);
      } catch (error) {
        if (run === this.#run) throw error;
        // The page stays if another run was deleted.
        this.#others = this.#others.filter((other) => other !== run);
      }
    }
    for (const { run, loss } of this.#source.reports()) {
      if (!this.#hasLoss(run, loss)) await this.#findLoss(run);
    }
    const lines = this.shown.map((run) => this.#watched.get(run)?.lines.length);
    const now = JSON.stringify([this.shown, lines, this.#source.reports(), this.#source.trusted()]);
    const moved = now !== this.#shown;
    this.#shown = now;
    return moved;
  }

  /** Whether the run can be chosen: it has a loss, or is shown and can be removed. */
  #hasLoss(run: string, loss: number | undefined): boolean {
    return loss !== undefined || this.#others.includes(run) || this.#peeked.get(run)?.loss === true;
  }

  /** A report has the loss of the last start alone; an earlier one may have some. */
  async #findLoss(run: string): Promise<void> {
    const peeked = this.#peeked.get(run) ?? { file: this.#progressOf(run), loss: false };
    this.#peeked.set(run, peeked);
    const found = await peeked.file.next().catch(() => undefined);
    peeked.loss = found?.lines.some(({ loss }) => loss !== undefined) ?? false;
  }

  #progressOf(run: string): FollowedLines<ProgressLine> {
    return new FollowedLines(join(this.#source.folder, 'runs', run, PROGRESS_FILE), ProgressLine);
  }

  async #read(run: string): Promise<void> {
    const watched = this.#watched.get(run) ?? (await this.#begin(run));
    const { lines, restarted } = await watched.file.next();
    if (restarted || (!watched.own && lines.length > 0)) watched.lines = [];
    if (restarted || lines.length > 0) {
      watched.own = true;
      for (const line of lines) watched.lines.push(line);
      watched.curve = foldProgress(watched.lines);
    }
    const report = this.#report(run);
    if (report !== undefined && report.attempts !== watched.attempts.length) {
      watched.attempts = (await this.#source.read(run)).attempts;
    }
    await this.#keep(run, watched, report);
    await this.#ask(run, watched, report);
  }

  /** A trainer deletes older checkpoints when it saves one. */
  async #keep(run: string, watched: Watched, report: RunReport | undefined): Promise<void> {
    const at = JSON.stringify([watched.curve.checkpoints, report?.state, report?.attempts]);
    if (at === watched.keptAt) return;
    watched.keptAt = at;
    watched.kept = watched.curve.checkpoints.length === 0 ? undefined : await this.#source.kept(run);
    this.#shown = '';
  }

  /** Asks the engine after a failure or without a loss in the progress file: once per state, and periodically while it runs. */
  async #ask(run: string, watched: Watched, report: RunReport | undefined): Promise<void> {
    const mute = !watched.own || !watched.curve.points.some(({ loss }) => loss !== undefined);
    const failed = report !== undefined && BAD_END.has(report.state);
    const began = report !== undefined && !NOT_STARTED.has(report.state);
    const live = report?.state === 'running' ? Math.floor(Date.now() / ASK_PAUSE_MS) : 0;
    const of = failed || (mute && began) ? JSON.stringify([report?.state, report?.attempts, live]) : '';
    if (of === watched.asked) return;
    watched.asked = of;
    const { log, progress } = of === '' || !this.#source.trusted() ? NOTHING : await this.#source.ask(run);
    watched.log = log;
    if (!watched.own && progress.length > 0) {
      watched.lines = progress;
      watched.curve = foldProgress(progress);
    }
    this.#shown = '';
  }

  async #begin(run: string): Promise<Watched> {
    const { record, attempts } = await this.#source.read(run);
    const file = this.#progressOf(run);
    const watched: Watched = {
      file,
      record,
      attempts,
      lines: [],
      own: false,
      curve: foldProgress([]),
      log: [],
      asked: '',
      kept: undefined,
      keptAt: '',
    };
    this.#watched.set(run, watched);
    return watched;
  }

  #report(run: string): RunReport | undefined {
    return this.#source.reports().find((report) => report.run === run);
  }

  #lossRun(run: string): LossRun | undefined {
    const watched = this.#watched.get(run);
    const report = this.#report(run);
    if (watched === undefined || report === undefined) return undefined;
    const { record, attempts, lines, file, log, kept } = watched;
    const curve = withKept(watched.curve, kept);
    return {
      report,
      record,
      attempts,
      log,
      lines: lines.length,
      badLines: file.bad,
      curve: {
        ...curve,
        points: thinPoints(curve.points, MOST_POINTS),
        undone: curve.undone.map((points) => thinPoints(points, MOST_POINTS)),
      },
    };
  }
}

/** Asking starts a process, so not with every refresh. */
const ASK_PAUSE_MS = 10_000;
const NOTHING = { log: [], progress: [] };
