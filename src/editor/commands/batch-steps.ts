import * as vscode from 'vscode';
import { baseURLProblem, isLoopback } from '../../core/model/base-url.ts';
import type { EngineChoice, ModelRef } from '../../core/model/index.ts';
import { commandInWords } from '../../core/text/command-words.ts';
import { addressWarning } from '../../engines/ray/token.ts';
import type { BatchOptions } from '../../protocol/sampling.ts';
import { engineName } from '../engine-name.ts';
import type { RoundPlace } from '../round-places.ts';
import type { ChosenPlace } from '../sampling/session.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { batchInWords, type How, howWords } from './batch-words.ts';
import { EngineSteps } from './engine-steps.ts';

type Ray = Extract<EngineChoice, { engine: 'ray' }>;
type Changed = 'use' | 'how' | 'url' | 'model' | 'gpus' | 'shards' | 'python' | 'folder';

interface Asked {
  before: RoundPlace | undefined;
  /** Of the round. */
  model: ModelRef | undefined;
}

/** Asks where the model of a sampling round is asked from: this machine, or a Ray, and then how. `moved` hears of it unless it is turned away. */
export async function choosePlace(
  services: Services,
  asked: Asked,
  moved: (place: ChosenPlace | undefined) => void,
): Promise<void> {
  const wizard = new PlaceWizard(services, asked);
  if (!(await runSteps(vscode.l10n.t('Ask the Model From'), wizard.first))) return;
  const { place, warning } = wizard;
  const words = place && { title: engineName(place.engine), detail: batchInWords(place.batch), warning };
  moved(place && words && { place, words });
}

class PlaceWizard {
  readonly #services: Services;
  readonly #model: ModelRef | undefined;
  readonly #engines: EngineSteps;
  #engine: Ray | undefined;
  #batch: BatchOptions;
  warning: string | undefined;

  constructor(services: Services, { before, model }: Asked) {
    this.#services = services;
    this.#model = model;
    this.#batch = before?.batch ?? {};
    const question = {
      question: vscode.l10n.t('Where is the model of this round asked from?'),
      here: vscode.l10n.t('Each request by itself, from a process that goes on when the window is closed'),
      engines: ['ray'] as const,
      sharedFolder: false,
    };
    this.#engines = new EngineSteps(services, question, (engine) => {
      this.#engine = engine.engine === 'ray' ? engine : undefined;
      return this.#engine === undefined ? undefined : this.#warn;
    });
  }

  get first(): Step {
    return this.#engines.askEngine;
  }

  /** Undefined: from this machine. */
  get place(): RoundPlace | undefined {
    return this.#engine && { engine: this.#engine, batch: this.#batch };
  }

  /** Where anybody could send jobs to the cluster, or read what is sent. */
  readonly #warn: Step = async () => {
    if (this.#engine === undefined) return undefined;
    const access = await this.#services.engineKeys.of([this.#engine]);
    this.warning = addressWarning(
      this.#engine.address,
      Object.values(access?.tokens ?? {})[0],
      vscode.l10n.t('give its token when it is asked for'),
    );
    if (this.warning === undefined) return this.#confirm;
    const use = vscode.l10n.t('Use It Anyway');
    const title = vscode.l10n.t('Send requests to {0}?', this.#engine.address);
    const chosen = await vscode.window.showWarningMessage(title, { modal: true, detail: this.warning }, use);
    return chosen === use ? this.#confirm : this.first;
  };

  readonly #confirm: Step = async (ui) => {
    const { place } = this;
    if (place === undefined) return undefined;
    const lacks = this.#lacks();
    const chosen = await ui.pick<Changed>({
      placeholder: lacks ?? vscode.l10n.t('Nothing is sent before the round is started.'),
      choices: [
        {
          label: `$(check) ${vscode.l10n.t('Ask From {0}', engineName(place.engine))}`,
          description: lacks === undefined ? '' : vscode.l10n.t('something is missing'),
          detail: batchInWords(this.#batch),
          value: 'use',
        },
        separator(vscode.l10n.t('Change')),
        ...this.#changes(),
      ],
    });
    if (chosen === 'use') return lacks === undefined ? undefined : this.#confirm;
    return this.#ask(chosen);
  };

  /** A model of this window or this machine is no address for a cluster. */
  #lacks(): string | undefined {
    const { how, url } = this.#batch;
    if (how === 'vllm' || url !== undefined || this.#model?.kind === 'openai') return undefined;
    return vscode.l10n.t('The model of this round has no address for a cluster: give an endpoint, or choose vLLM.');
  }

  #changes(): Choice<Changed>[] {
    const { how = 'tasks', url, model, shards = 1, tensorParallel = 1, python } = this.#batch;
    const { sharedFolder } = this.#engine ?? {};
    const own = this.#model?.kind === 'openai' ? this.#model.baseURL : undefined;
    const row = (icon: string, label: string, description: string, value: Changed): Choice<Changed> => ({
      label: `$(${icon}) ${label}`,
      description,
      value,
    });
    return [
      row('gear', vscode.l10n.t('How'), howWords(how), 'how'),
      ...(how === 'vllm'
        ? [
            row('symbol-constant', vscode.l10n.t('Model'), model ?? this.#model?.model ?? '', 'model'),
            row('circuit-board', vscode.l10n.t('GPUs of a replica'), String(tensorParallel), 'gpus'),
          ]
        : [row('globe', vscode.l10n.t('Endpoint'), this.#endpointWords(url ?? own), 'url')]),
      row('layers', how === 'vllm' ? vscode.l10n.t('Replicas') : vscode.l10n.t('Processes'), String(shards), 'shards'),
      row('terminal', vscode.l10n.t('Python with Ray there'), commandInWords(python ?? ['python']), 'python'),
      row(
        'folder',
        vscode.l10n.t('Folder for the answers'),
        sharedFolder ?? vscode.l10n.t('none: they come home through the log'),
        'folder',
      ),
    ];
  }

  #endpointWords(url: string | undefined): string {
    if (url === undefined) return vscode.l10n.t('none yet');
    const isElsewhere = this.#engine !== undefined && !isLoopback(new URL(this.#engine.address).hostname);
    return isElsewhere && isLoopback(new URL(url).hostname)
      ? vscode.l10n.t('{0}, which is not this machine there but its own nodes', url)
      : url;
  }

  #ask(what: Exclude<Changed, 'use'>): Step {
    const { how = 'tasks', url, model, shards = 1, tensorParallel = 1, python = ['python'] } = this.#batch;
    switch (what) {
      case 'how':
        return this.#askHow(how);
      case 'url':
        return this.#text(
          vscode.l10n.t(
            'Address of the endpoint as the cluster sees it; 127.0.0.1 is its own nodes. Nothing: that of the model',
          ),
          url ?? '',
          urlComplaint,
          (text) => ({ url: text === '' ? undefined : text.replace(/\/+$/, '') }),
        );
      case 'model':
        return this.#text(
          vscode.l10n.t(
            'What vLLM loads there: a path or a name of the Hugging Face hub. Nothing: the name of the model',
          ),
          model ?? '',
          () => undefined,
          (text) => ({ model: text === '' ? undefined : text }),
        );
      case 'gpus':
        return this.#number(vscode.l10n.t('GPUs over which one replica is spread'), tensorParallel, 64, (value) => ({
          tensorParallel: value,
        }));
      case 'shards':
        return this.#number(vscode.l10n.t('Over so many the requests are spread'), shards, 1024, (value) => ({
          shards: value,
        }));
      case 'python':
        return this.#text(
          vscode.l10n.t('Words that start the Python with Ray on the cluster'),
          python.join(' '),
          () => undefined,
          (text) => ({ python: text === '' || text === 'python' ? undefined : text.split(/\s+/) }),
        );
      case 'folder':
        return this.#askFolder;
    }
  }

  #askHow(now: How): Step {
    return async (ui) => {
      const needs: Record<How, string> = {
        tasks: vscode.l10n.t('Needs Ray alone; each answer comes home as soon as it is there'),
        http: vscode.l10n.t('Needs ray[data] on the cluster'),
        vllm: vscode.l10n.t('Needs ray[data,llm] and GPUs on the cluster; no endpoint'),
      };
      const all: How[] = ['tasks', 'http', 'vllm'];
      const how = await ui.pick<How>({
        placeholder: vscode.l10n.t('By what is the model asked there?'),
        choices: all.map((one) => ({ label: howWords(one), detail: needs[one], value: one })),
        active: now,
      });
      return this.#with({ how });
    };
  }

  readonly #askFolder: Step = async (ui) => {
    const folder = await ui.input({
      prompt: vscode.l10n.t(
        'A folder that the nodes and this machine see, for answers of many hundred MB; nothing where there is none',
      ),
      value: this.#engine?.sharedFolder ?? '',
      validate: (value) =>
        value.trim() === '' || value.trim().startsWith('/') ? undefined : vscode.l10n.t('An absolute path'),
    });
    if (this.#engine !== undefined) {
      const { sharedFolder: _before, ...rest } = this.#engine;
      this.#engine = folder.trim() === '' ? rest : { ...rest, sharedFolder: folder.trim() };
    }
    return this.#confirm;
  };

  #text(
    prompt: string,
    value: string,
    validate: (value: string) => string | undefined,
    change: (text: string) => BatchOptions,
  ): Step {
    return async (ui) => this.#with(change((await ui.input({ prompt, value, validate })).trim()));
  }

  #number(prompt: string, value: number, most: number, change: (value: number) => BatchOptions): Step {
    const validate = (text: string): string | undefined => {
      const number = Number(text);
      return Number.isInteger(number) && number >= 1 && number <= most
        ? undefined
        : vscode.l10n.t('A whole number from 1 to {0}', most);
    };
    return async (ui) => this.#with(change(Number(await ui.input({ prompt, value: String(value), validate }))));
  }

  /** What is undefined is left to the verb. */
  #with(changed: BatchOptions): Step {
    this.#batch = { ...this.#batch, ...changed };
    return this.#confirm;
  }
}

/** It is stored with the round, so it may hold no secret. */
function urlComplaint(value: string): string | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && baseURLProblem(url) === undefined
    ? undefined
    : vscode.l10n.t(
        'An address up to /v1 that begins with http:// or https://, without password and what follows ? or #',
      );
}
