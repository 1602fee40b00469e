import type * as vscode from 'vscode';
import { FromPlanPage, type PlanPageChoices, type ToPlanPage } from '../../protocol/plan-page.ts';
import type { RoundPlace } from '../../protocol/sampling.ts';
import { t } from '../ui/format.ts';
import { WebviewPage } from '../ui/webview-page.ts';
import { type ChosenPlace, PlanSession, type PlanSource } from './session.ts';

interface PanelOptions {
  extension: vscode.Uri;
  /** Folder of the dataset. */
  folder: string;
  source: PlanSource;
  /** Runs the command of a button. */
  command: (name: Exclude<Extract<FromPlanPage, { type: 'command' }>['command'], 'choosePlace'>) => void;
  /** Asks where the requests are sent from. */
  choosePlace: (
    before: RoundPlace | undefined,
    choices: PlanPageChoices,
    moved: (place: ChosenPlace | undefined) => void,
  ) => void;
  /** Calls `changed` when the plan may be outdated. */
  onDidChange: (changed: () => void) => vscode.Disposable;
  log: (message: string) => void;
}

/** The page of Plan Sampling Round: one per window, a thin shell around `PlanSession`. */
export class PlanPanel {
  static #current: PlanPanel | undefined;

  /** Opens the page, replacing that of another dataset. A page of the same dataset is revealed with its choices. */
  static show(options: PanelOptions): void {
    const open = PlanPanel.#current;
    if (open !== undefined && open.#options.folder === options.folder) {
      open.#page.reveal();
      return;
    }
    if (open !== undefined) open.#page.dispose();
    PlanPanel.#current = new PlanPanel(options);
  }

  readonly #page: WebviewPage<FromPlanPage, ToPlanPage>;
  readonly #options: PanelOptions;
  readonly #session: PlanSession;
  #planned = false;

  private constructor(options: PanelOptions) {
    this.#options = options;
    this.#session = new PlanSession(options.source, () => this.#send());
    this.#page = new WebviewPage<FromPlanPage, ToPlanPage>({
      extension: options.extension,
      bundle: 'plan',
      viewType: 'longhand.planSampling',
      title: t('Plan Sampling Round'),
      schema: FromPlanPage,
      receive: (message) => this.#receive(message),
      shown: () => this.#send(),
      gone: () => {
        if (PlanPanel.#current === this) PlanPanel.#current = undefined;
      },
      fail: (error) => options.log(`Plan Sampling Round: ${String(error)}`),
      log: options.log,
    });
    this.#page.add(options.onDidChange(() => void this.#session.again()));
    this.#page.add(this.#session);
  }

  async #receive(message: Exclude<FromPlanPage, { type: 'focused' | 'failed' }>): Promise<void> {
    switch (message.type) {
      case 'ready':
        // A hidden page sends this again when it is visible.
        if (this.#planned) return this.#send();
        this.#planned = true;
        return this.#session.change({});
      case 'change':
        return this.#session.change(message.choices);
      case 'command': {
        if (message.command !== 'choosePlace') return this.#options.command(message.command);
        const { place } = this.#session;
        const { choices } = this.#session.view();
        return this.#options.choosePlace(place, choices, (moved) => this.#session.moveTo(moved));
      }
      case 'run':
        if (await this.#session.start(message.plan)) this.#page.dispose();
        return;
    }
  }

  #send(): void {
    this.#page.post(this.#session.view());
  }
}
