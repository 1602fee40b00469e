import { messageOf } from '../../../core/errors.ts';
import {
  type Calibration,
  type CalibrationAct,
  type CalibrationPlan,
  type CalibrationReport,
  type CalibrationState,
  calibrationReport,
  excerpt,
  FAR_BEFORE,
  foldCalibration,
  NEAR_BEFORE,
} from '../../../core/review/calibration/index.ts';
import { BEHAVIOURS, type Behaviour, type Problem } from '../../../core/schemas/index.ts';
import type { CalibrateItem, CalibrateSnapshot } from '../../../protocol/calibrate.ts';
import type { CalibrateAction } from '../../../protocol/keys.ts';

type Planned = CalibrationPlan['sentences'][number];

/** The dataset of a calibration. */
export interface CalibrationSource {
  readonly calibration: Calibration;
  /** Whether the sentence's chain and problem exist, with the text from which it was drawn. */
  isUnchanged(sentence: Planned): boolean;
  read(sentence: Planned): Promise<{ text: string; problem: Problem }>;
  /** The act is on disk when this resolves. Writes nothing when it rejects. */
  append(act: CalibrationAct): Promise<void>;
  /** All calibrations of the dataset, for the agreement. */
  all(): Promise<readonly Calibration[]>;
}

/** Makes the id and the time of an act. */
interface Stamp {
  id(): string;
  /** ISO 8601. */
  at(): string;
}

/** A message for the reviewer, if any. */
type Notice = string | undefined;

const NONE_LEFT = 'All chains of this calibration were changed or deleted. Draw a new one.';
const ON_RESULT = 'This is the result. Press ← for the sentences.';

/**
 * One reviewer's labels of a calibration: the place in the list, the labels, and acts to undo. Independent of vscode. Calls run one after
 * another, so fast keys stay in order.
 */
export class CalibrationSession {
  readonly #source: CalibrationSource;
  readonly #stamp: Stamp;
  readonly #acts: CalibrationAct[];
  /** Places in the plan of the sentences that can be shown. */
  readonly #shown: readonly number[];
  #state: CalibrationState;
  #at = 0;
  #onResult = false;
  #far = false;
  #tail: Promise<unknown> = Promise.resolve();

  /** Starts at the first open sentence, or at the result. */
  constructor(source: CalibrationSource, stamp: Stamp) {
    const { plan, acts } = source.calibration;
    this.#source = source;
    this.#stamp = stamp;
    this.#acts = [...acts];
    this.#shown = plan.sentences.flatMap((sentence, i) => (source.isUnchanged(sentence) ? [i] : []));
    this.#state = foldCalibration(plan, acts);
    const open = this.#firstOpen();
    // The last labelled sentence may need another kind.
    const last = this.#state.undoable;
    const unfinished = last?.act === 'label' && last.kinds.length > 0 ? this.#shown.indexOf(last.sentence) : -1;
    this.#onResult = open < 0 && this.#state.labels.size > 0;
    this.#at = Math.max(0, unfinished >= 0 ? unfinished : open);
  }

  /** Performs an action of the key registry. Rejects with the source's error if an act can't be written, and then changes nothing. */
  perform(action: CalibrateAction): Promise<Notice> {
    return this.#inTurn(() => this.#perform(action));
  }

  /** The content of the page. */
  view(): Promise<Omit<CalibrateSnapshot, 'type'>> {
    return this.#inTurn(async () => {
      const { name, plan } = this.#source.calibration;
      const labels = [...this.#state.labels.values()];
      const skipped = labels.filter((label) => label === 'skipped').length;
      return {
        calibration: name,
        reviewer: plan.reviewer,
        position: this.#shown.length === 0 ? 0 : this.#at + 1,
        total: this.#shown.length,
        labelled: labels.length - skipped,
        skipped,
        leftOut: plan.sentences.length - this.#shown.length,
        ...(await this.#shownItem()),
        report: this.#onResult ? await this.#report() : null,
      };
    });
  }

  /** The result so far. */
  report(): Promise<CalibrationReport> {
    return this.#inTurn(() => this.#report());
  }

  async #perform(action: CalibrateAction): Promise<Notice> {
    switch (action) {
      case 'next':
        return this.#onResult ? ON_RESULT : this.#step(1);
      case 'back':
        if (!this.#onResult) return this.#step(-1);
        this.#onResult = false;
        return undefined;
      case 'undo':
      case 'redo':
        return this.#reverse(action);
      case 'context':
        this.#far = !this.#far;
        return undefined;
      case 'result':
        if (this.#state.labels.size === 0) return 'No labels yet.';
        this.#onResult = true;
        return undefined;
      case 'confirm':
      case 'none':
      case 'skip':
        return this.#decide(action);
      case 'verification':
      case 'backtracking':
      case 'subgoal':
      case 'backward':
        return this.#toggle(action);
      default:
        return undefined;
    }
  }

  async #toggle(kind: Behaviour): Promise<Notice> {
    const sentence = this.#current;
    if (sentence === undefined) return this.#nothingToLabel;
    await this.#item();
    const label = this.#state.labels.get(sentence);
    const has = label === undefined || label === 'skipped' ? [] : label.kinds;
    const kinds = BEHAVIOURS.filter((one) => (one === kind) !== has.includes(one));
    await this.#append({ act: 'label', sentence, kinds, ...this.#stamped() });
    return undefined;
  }

  async #decide(action: 'confirm' | 'none' | 'skip'): Promise<Notice> {
    const sentence = this.#current;
    if (sentence === undefined) return this.#nothingToLabel;
    // An unreadable sentence is not labelled: this rejects, and the page shows the reason.
    if (action !== 'skip') await this.#item();
    if (action === 'skip') await this.#append({ act: 'skip', sentence, ...this.#stamped() });
    else if (action === 'none' || !this.#state.labels.has(sentence)) {
      await this.#append({ act: 'label', sentence, kinds: [], ...this.#stamped() });
    }
    if (this.#at + 1 < this.#shown.length) {
      this.#moveTo(this.#at + 1);
      return undefined;
    }
    const open = this.#firstOpen();
    if (open < 0) {
      this.#onResult = true;
      return 'That was the last sentence.';
    }
    this.#moveTo(open);
    return 'Earlier sentences are still open. This is the first of them.';
  }

  #step(direction: 1 | -1): Notice {
    const to = this.#at + direction;
    if (to < 0) return 'This is the first sentence.';
    if (to >= this.#shown.length) return 'This is the last sentence.';
    this.#moveTo(to);
    return undefined;
  }

  async #reverse(act: 'undo' | 'redo'): Promise<Notice> {
    const target = act === 'undo' ? this.#state.undoable : this.#state.redoable;
    if (target === undefined) return act === 'undo' ? 'There is nothing to undo.' : 'There is nothing to redo.';
    await this.#append({ act, target: target.id, ...this.#stamped() });
    const place = this.#shown.indexOf(target.sentence);
    if (place < 0) return 'That act is on a sentence that is no longer shown.';
    this.#onResult = false;
    this.#moveTo(place);
    return undefined;
  }

  async #append(act: CalibrationAct): Promise<void> {
    await this.#source.append(act);
    this.#acts.push(act);
    this.#state = foldCalibration(this.#source.calibration.plan, this.#acts);
  }

  #stamped(): { id: string; at: string; reviewer: string } {
    return { id: this.#stamp.id(), at: this.#stamp.at(), reviewer: this.#source.calibration.plan.reviewer };
  }

  #moveTo(place: number): void {
    if (place !== this.#at) this.#far = false;
    this.#at = place;
  }

  /** Index of the shown sentence in the plan; undefined on the result page. */
  get #current(): number | undefined {
    return this.#onResult ? undefined : this.#shown[this.#at];
  }

  get #nothingToLabel(): string {
    return this.#onResult ? ON_RESULT : NONE_LEFT;
  }

  /** Index among the shown sentences of the first one without a label; -1 if there is none. */
  #firstOpen(): number {
    return this.#shown.findIndex((sentence) => !this.#state.labels.has(sentence));
  }

  /** With an unreadable sentence, the page shows the error, and keys still go to others. */
  async #shownItem(): Promise<Pick<CalibrateSnapshot, 'item' | 'trouble'>> {
    if (this.#shown.length === 0) return { item: null, trouble: NONE_LEFT };
    try {
      return { item: await this.#item() };
    } catch (error) {
      return { item: null, trouble: messageOf(error) };
    }
  }

  async #item(): Promise<CalibrateItem | null> {
    const sentence = this.#current;
    const planned = sentence === undefined ? undefined : this.#source.calibration.plan.sentences[sentence];
    if (sentence === undefined || planned === undefined) return null;
    const { text, problem } = await this.#source.read(planned);
    const label = this.#state.labels.get(sentence);
    return {
      sentence,
      problem: { id: problem.id, problem: problem.problem },
      excerpt: excerpt(text, planned.start, planned.end, this.#far ? FAR_BEFORE : NEAR_BEFORE),
      label: label === undefined ? null : label === 'skipped' ? label : [...label.kinds],
    };
  }

  async #report(): Promise<CalibrationReport> {
    return calibrationReport({ ...this.#source.calibration, acts: this.#acts }, await this.#source.all());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
