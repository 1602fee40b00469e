import { join } from 'node:path';
import { ProgressLine, type RunAttempt, type RunRecord } from '../../core/model/index.ts';
import { foldProgress, type RunCurve, thinPoints, withKept } from '../../core/training/curve.ts';
import { MOST_RUNS } from '../../core/training/loss-picture.ts';
import type { LossRun, ToLossPage } from '../../protocol/loss-page.ts';
import type { RunReport } from '../../protocol/training.ts';
import { FollowedLines } from '../../store/follow.ts';
import { PROGRESS_FILE } from '../../store/runs.ts';

/** What a session reads from; the dataset in use, a script in tests. */
export interface LossSource {
  dataset: string;
  /** Of the dataset. */
  folder: string;
  /** All trainings as they are known to stand, oldest first. */
  reports(): readonly RunReport[];
  /** What was asked for, and the attempts so far. */
  read(run: string): Promise<{ record: RunRecord; attempts: RunAttempt[] }>;
  /** Steps of its whole checkpoints, where this machine sees them. */
  kept(run: string): Promise<readonly number[] | undefined>;
  /** What its engine knows: the last lines of its log, and what the trainer said where it has no progress file of ours. */
  ask(run: string): Promise<{ log: string[]; progress: ProgressLine[] }>;
  trusted(): boolean;
}

/** More points than this are not told apart on a page. */
const MOST_POINTS = 1200;
/** Nothing can have been said, or nobody may be asked of themselves. */
const UNBEGUN: ReadonlySet<RunReport['state']> = new Set(['prepared', 'pending', 'unasked']);
const BAD_END: ReadonlySet<RunReport['state']> = new Set(['failed', 'lost']);

/** A run that is shown: its progress so far, and what belongs to it. */
interface Watched {
  file: FollowedLines<ProgressLine>;
  lines: ProgressLine[];
  /** Lines stood in the progress file, and not only in what the engine told. */
  own: boolean;
  curve: RunCurve;
  /** Steps of the checkpoints that are there, and after which lines and in which state they were looked for. */
  kept: readonly number[] | undefined;
  keptAt: string;
  record: RunRecord;
  attempts: RunAttempt[];
  log: string[];
  /** For which state and attempt the engine was asked. */
  asked: string;
}

/**
 * What the page of Show Loss shows: one run and those that lie over it. Numbers are what the trainer said, as a rule in `progress.jsonl`, of which each
 * look reads what was appended; how a run stands is told by its report.
 */
export class LossSession {
  readonly #source: LossSource;
  readonly #run: string;
  readonly #watched = new Map<string, Watched>();
  /** Other runs, of which nothing but whether they have a loss is wanted. */
  readonly #peeked = new Map<string, { file: FollowedLines<ProgressLine>; loss: boolean }>();
  #others: readonly string[] = [];
  #looking: Promise<unknown> = Promise.resolve();
  #shown = '';

  constructor(source: LossSource, run: string, others: readonly string[] = []) {
    this.#source = source;
    this.#run = run;
    this.compare(others);
  }

  /** Lays these runs over the page's own: as many as have a colour. */
  compare(runs: readonly string[]): void {
    this.#others = [...new Set(runs)].filter((run) => run !== this.#run).slice(0, MOST_RUNS - 1);
  }

  get shown(): readonly string[] {
    return [this.#run, ...this.#others];
  }

  /** Whether a run that is shown may still tell something. */
  get live(): boolean {
    return this.shown.some((run) => {
      const state = this.#report(run)?.state;
      return state === 'running' || state === 'pending' || state === 'unreachable';
    });
  }

  /** Reads what is new. @returns Whether the page has something else to show. Throws when the page's own run can't be read. */
  look(): Promise<boolean> {
    const looked = this.#looking.then(() => this.#look());
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  /** Undefined before the first look. */
  view(): ToLossPage | undefined {
    const run = this.#lossRun(this.#run);
    if (run === undefined) return undefined;
    const { dataset, folder } = this.#source;
    return {
      ...{ type: 'snapshot', folder, dataset, run },
      others: this.#others.flatMap((other) => this.#lossRun(other) ?? []),
      choices: this.#source
        .reports()
        .flatMap(({ run: other, loss }) => (other !== this.#run && this.#hasLoss(other, loss) ? [other] : []))
        .reverse(),
      trusted: this.#source.trusted(),
    };
  }

  async #look(): Promise<boolean> {
    for (const run of this.shown) {
      try {
        await this.#read(run);
      } catch (error) {
        if (run === this.#run) throw error;
        // Another run that was deleted meanwhile must not take the page away.
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

  /** Whether there is something to lay over; what is shown can be taken away in any case. */
  #hasLoss(run: string, told: number | undefined): boolean {
    return told !== undefined || this.#others.includes(run) || this.#peeked.get(run)?.loss === true;
  }

  /** A report tells the loss of the last attempt alone: an earlier one may have had some. */
  async #findLoss(run: string): Promise<void> {
    const peeked = this.#peeked.get(run) ?? { file: this.#progressOf(run), loss: false };
    this.#peeked.set(run, peeked);
    const found = await peeked.file.look().catch(() => undefined);
    peeked.loss = found?.lines.some(({ loss }) => loss !== undefined) ?? false;
  }

  #progressOf(run: string): FollowedLines<ProgressLine> {
    return new FollowedLines(join(this.#source.folder, 'runs', run, PROGRESS_FILE), ProgressLine);
  }

  async #read(run: string): Promise<void> {
    const watched = this.#watched.get(run) ?? (await this.#begin(run));
    const { lines, anew } = await watched.file.look();
    if (anew || (!watched.own && lines.length > 0)) watched.lines = [];
    if (anew || lines.length > 0) {
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

  /** Asks the engine where it failed, and where the progress file tells nothing: once for each state, and at times while it runs. */
  async #ask(run: string, watched: Watched, report: RunReport | undefined): Promise<void> {
    const mute = !watched.own || !watched.curve.points.some(({ loss }) => loss !== undefined);
    const failed = report !== undefined && BAD_END.has(report.state);
    const began = report !== undefined && !UNBEGUN.has(report.state);
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
      ...{ file, record, attempts, lines: [], own: false, curve: foldProgress([]), log: [], asked: '' },
      ...{ kept: undefined, keptAt: '' },
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
      ...{ report, record, attempts, log, lines: lines.length, badLines: file.bad },
      curve: {
        ...curve,
        points: thinPoints(curve.points, MOST_POINTS),
        undone: curve.undone.map((points) => thinPoints(points, MOST_POINTS)),
      },
    };
  }
}

/** A process is started to ask: not with every look. */
const ASK_PAUSE_MS = 10_000;
const NOTHING = { log: [], progress: [] };
