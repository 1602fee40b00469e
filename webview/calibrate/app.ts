import { html, render } from 'lit';
import { formatCount } from '../../src/core/text/format.ts';
import type { CalibrateSnapshot, FromCalibrate, ToCalibrate } from '../../src/protocol/calibrate.ts';
import type { CalibrateAction } from '../../src/protocol/keys.ts';
import { Announcer } from '../ui/announcer.ts';
import { moveFocus } from '../ui/focus.ts';
import { listenForKeys, pressesControl } from '../ui/keyboard.ts';
import { keySheet, Modal } from '../ui/modal.ts';
import type { Channel } from '../ui/page-host.ts';
import { definitionsView } from './definitions.ts';
import { choiceView, footerView, headerView } from './frame.ts';
import { actionFor, KEYS } from './keys.ts';
import { resultView } from './result.ts';
import { sentenceView, spokenLabel } from './sentence.ts';

/** Announced length of a sentence, in code units. */
const SPOKEN = 400;

/** The page of Calibrate Classifier: shows snapshots and sends actions. The state belongs to the host. */
export class CalibrateApp {
  readonly #channel: Channel<ToCalibrate, FromCalibrate>;
  readonly #header = document.createElement('header');
  readonly #main = document.createElement('main');
  readonly #choice = document.createElement('section');
  readonly #footer = document.createElement('footer');
  readonly #announcer = new Announcer();
  readonly #sheet: Modal;
  /** The action that opened the sheet. */
  #sheetOf: CalibrateAction | undefined;
  #shown: CalibrateSnapshot | undefined;

  constructor(channel: Channel<ToCalibrate, FromCalibrate>, root: HTMLElement) {
    this.#channel = channel;
    root.className = 'reader calibrate';
    this.#header.className = 'head';
    this.#main.className = 'page';
    this.#choice.className = 'choice-row';
    this.#choice.setAttribute('aria-label', 'Label');
    this.#footer.className = 'foot';
    root.replaceChildren(this.#header, this.#main, this.#choice, this.#footer, this.#announcer.loud);
    this.#sheet = new Modal(root, 'sheet');
    this.#sheet.element.addEventListener('close', () => {
      this.#sheetOf = undefined;
    });
    listenForKeys(
      (event) => this.#key(event),
      (event) => KEYS.groupOf(event) === 'Label',
    );
    channel.listen((message) => this.#receive(message));
    channel.post({ type: 'ready' });
  }

  #receive(message: ToCalibrate): void {
    if (message.type === 'announce') this.#announcer.announce(message.text, message.tone);
    else this.#show(message);
  }

  #show(snapshot: CalibrateSnapshot): void {
    const before = this.#shown;
    this.#shown = snapshot;
    const perform = (action: CalibrateAction): void => this.#perform(action);
    render(headerView(snapshot), this.#header);
    render(footerView(snapshot, this.#announcer.quiet, perform), this.#footer);
    const { item, report, trouble } = snapshot;
    this.#choice.hidden = item === null;
    if (item !== null) render(choiceView(item.label, perform), this.#choice);
    if (report !== null) render(resultView(report), this.#main);
    else if (item !== null) render(sentenceView(item), this.#main);
    else render(html`<p class="empty">${trouble ?? 'There is no sentence to label.'}</p>`, this.#main);
    // More context moves the sentence too.
    if (placeOf(before) !== placeOf(snapshot)) this.#arrive(snapshot);
    else if (item !== null && String(before?.item?.label) !== String(item.label)) {
      this.#announcer.announce('', 'info', spokenLabel(item.label));
    }
  }

  /** Scrolls the sentence to the same height each time, and focuses it. */
  #arrive({ position, total, report, item }: CalibrateSnapshot): void {
    const target = this.#main.querySelector<HTMLElement>(report === null ? '.target' : 'h1');
    if (target === null) return;
    moveFocus(target);
    if (report === null) {
      const box = target.getBoundingClientRect();
      const view = this.#main.getBoundingClientRect();
      this.#main.scrollTop += box.top - view.top - Math.max(40, view.height * 0.62 - box.height);
      const text = item?.excerpt.sentence.slice(0, SPOKEN) ?? '';
      this.#announcer.announce('', 'info', `Sentence ${formatCount(position)} of ${formatCount(total)}: ${text}`);
    } else this.#main.scrollTop = 0;
  }

  #key(event: KeyboardEvent): void {
    const action = actionFor(event);
    if (this.#sheet.element.open) {
      if (action !== undefined && action === this.#sheetOf) {
        event.preventDefault();
        this.#sheet.element.close();
      }
      return;
    }
    if (action === undefined || pressesControl(event)) return;
    event.preventDefault();
    // A key held down must not label unread sentences.
    if (!event.repeat) this.#perform(action);
  }

  #perform(action: CalibrateAction): void {
    this.#announcer.clear();
    if (action === 'help' || action === 'definitions') {
      this.#sheetOf = action;
      this.#sheet.open(action === 'help' ? keySheet(KEYS.entries) : definitionsView());
    } else this.#channel.post({ type: 'perform', action });
  }
}

/** Identifies the shown content: the result, or a sentence with its context. */
function placeOf(snapshot: CalibrateSnapshot | undefined): string {
  if (snapshot === undefined) return 'nothing';
  const { item, report } = snapshot;
  return report === null ? `${item?.sentence} ${item?.excerpt.before.length}` : 'result';
}
