import { joined } from '../../core/defined.ts';
import { baseURLProblem, isLoopback } from '../../core/models/base-url.ts';
import type { EngineChoice, ModelRef } from '../../core/schemas/index.ts';
import { formatCommand } from '../../core/text/format.ts';
import { addressWarning } from '../../engines/ray/token.ts';
import type { BatchOptions, RoundPlace } from '../../protocol/sampling.ts';
import type { Services } from '../services.ts';
import { EngineSteps, engineName } from '../training/engine-steps.ts';
import { counted, t } from '../ui/format.ts';
import { showWarningMessage } from '../ui/notify.ts';
import { askNumber, type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import type { ChosenPlace } from './session.ts';

type Ray = Extract<EngineChoice, { engine: 'ray' }>;
type Changed = 'use' | 'how' | 'url' | 'model' | 'gpus' | 'shards' | 'python' | 'folder';

interface Asked {
  before: RoundPlace | undefined;
  /** Of the round. */
  model: ModelRef | undefined;
}

/** Asks where the requests of a sampling round are sent from: this machine or a Ray cluster, and how. Calls `moved` unless cancelled. */
export async function choosePlace(
  services: Services,
  asked: Asked,
  moved: (place: ChosenPlace | undefined) => void,
): Promise<void> {
  const wizard = new PlaceWizard(services, asked);
  if (!(await runSteps(t('Send Requests From'), wizard.first))) return;
  const { place, warning } = wizard;
  moved(place && { place, shown: { title: engineName(place.engine), detail: formatBatch(place.batch), warning } });
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
      question: t('Send the requests of this round from where?'),
      here: t('Single requests, from a process that keeps running when you close the window'),
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

  /** Warns if the cluster or the connection to it is not protected. */
  readonly #warn: Step = async () => {
    if (this.#engine === undefined) return undefined;
    const access = await this.#services.engineKeys.of([this.#engine]);
    this.warning = addressWarning(
      this.#engine.address,
      Object.values(access?.tokens ?? {})[0],
      t('enter its token when prompted'),
    );
    if (this.warning === undefined) return this.#confirm;
    const use = t('Use It Anyway');
    const title = t('Send requests to {0}?', this.#engine.address);
    const chosen = await showWarningMessage(title, { modal: true, detail: this.warning }, use);
    return chosen === use ? this.#confirm : this.first;
  };

  readonly #confirm: Step = async (ui) => {
    const { place } = this;
    if (place === undefined) return undefined;
    const missing = this.#missing();
    const chosen = await ui.pick<Changed>({
      placeholder: missing ?? t('No requests sent yet.'),
      choices: [
        {
          icon: 'check',
          label: t('Send From {0}', engineName(place.engine)),
          description: missing === undefined ? '' : t('incomplete'),
          detail: formatBatch(this.#batch),
          value: 'use',
        },
        separator(t('Change')),
        ...this.#changes(),
      ],
    });
    if (chosen === 'use') return missing === undefined ? undefined : this.#confirm;
    return this.#ask(chosen);
  };

  /** A cluster can't reach the starter model or a model of VS Code. */
  #missing(): string | undefined {
    const { how, url } = this.#batch;
    if (how === 'vllm' || url !== undefined || this.#model?.kind === 'openai') return undefined;
    return t('The model of this round has no address for a cluster: give an endpoint, or choose vLLM.');
  }

  #changes(): Choice<Changed>[] {
    const { how = 'tasks', url, model, shards = 1, tensorParallel = 1, python } = this.#batch;
    const { sharedFolder } = this.#engine ?? {};
    const own = this.#model?.kind === 'openai' ? this.#model.baseURL : undefined;
    const row = (icon: string, label: string, description: string, value: Changed): Choice<Changed> => ({
      icon,
      label,
      description,
      value,
    });
    return [
      row('gear', t('How'), methodName(how), 'how'),
      ...(how === 'vllm'
        ? [
            row('symbol-constant', t('Model'), model ?? this.#model?.model ?? '', 'model'),
            row('circuit-board', t('GPUs per replica'), String(tensorParallel), 'gpus'),
          ]
        : [row('globe', t('Endpoint'), this.#describeEndpoint(url ?? own), 'url')]),
      row('layers', how === 'vllm' ? t('Replicas') : t('Processes'), String(shards), 'shards'),
      row('terminal', t('Python with Ray'), formatCommand(python ?? ['python']), 'python'),
      row('folder', t('Folder for the answers'), sharedFolder ?? t('none: answers return through the log'), 'folder'),
    ];
  }

  #describeEndpoint(url: string | undefined): string {
    if (url === undefined) return t('none yet');
    const isElsewhere = this.#engine !== undefined && !isLoopback(new URL(this.#engine.address).hostname);
    return isElsewhere && isLoopback(new URL(url).hostname)
      ? t('{0}, which on the cluster means its own nodes', url)
      : url;
  }

  #ask(what: Exclude<Changed, 'use'>): Step {
    const { how = 'tasks', url, model, shards = 1, tensorParallel = 1, python = ['python'] } = this.#batch;
    switch (what) {
      case 'how':
        return this.#askHow(how);
      case 'url':
        return this.#text(
          t(
            'Address of the endpoint as seen from the cluster; 127.0.0.1 is the node itself. Empty: the address of the model',
          ),
          url ?? '',
          urlProblem,
          (text) => ({ url: text === '' ? undefined : text.replace(/\/+$/, '') }),
        );
      case 'model':
        return this.#text(
          t('Model that vLLM loads: a path or a name on the Hugging Face hub. Empty: the name of the model'),
          model ?? '',
          () => undefined,
          (text) => ({ model: text === '' ? undefined : text }),
        );
      case 'gpus':
        return this.#number(t('GPUs per replica'), tensorParallel, 64, (value) => ({
          tensorParallel: value,
        }));
      case 'shards':
        return this.#number(t('Number of replicas or processes that share the requests'), shards, 1024, (value) => ({
          shards: value,
        }));
      case 'python':
        return this.#text(
          t('Command that starts Python with Ray on the cluster'),
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
        tasks: t('Needs only Ray; each answer returns as soon as it is ready'),
        http: t('Needs ray[data] on the cluster'),
        vllm: t('Needs ray[data,llm] and GPUs on the cluster; no endpoint'),
      };
      const all: How[] = ['tasks', 'http', 'vllm'];
      const how = await ui.pick<How>({
        placeholder: t('How are requests sent on the cluster?'),
        choices: all.map((one) => ({ label: methodName(one), detail: needs[one], value: one })),
        active: now,
      });
      return this.#with({ how });
    };
  }

  readonly #askFolder: Step = async (ui) => {
    const folder = await ui.input({
      prompt: t('A folder that the nodes and this machine share, for answers of several hundred MB. Empty: none'),
      value: this.#engine?.sharedFolder ?? '',
      validate: (value) =>
        value.trim() === '' || value.trim().startsWith('/') ? undefined : t('Enter an absolute path.'),
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
    return async (ui) => this.#with(change(await askNumber(ui, prompt, most, value)));
  }

  /** The verb sets defaults for undefined options. */
  #with(changed: BatchOptions): Step {
    this.#batch = { ...this.#batch, ...changed };
    return this.#confirm;
  }
}

/** The address is stored with the round, so it must not contain a secret. */
function urlProblem(value: string): string | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && baseURLProblem(url) === undefined
    ? undefined
    : t('Enter an http:// or https:// address up to /v1, without a password, ? or #.');
}

type How = NonNullable<BatchOptions['how']>;

function methodName(how: How): string {
  const names: Record<How, string> = {
    tasks: t('Ray tasks that call an endpoint'),
    http: t('ray.data.llm that calls an endpoint'),
    vllm: t('vLLM on the GPUs of the cluster'),
  };
  return names[how];
}

/** How a cluster sends the requests of a round, in one line. */
export function formatBatch({ how = 'tasks', url, model, shards = 1, tensorParallel, python }: BatchOptions): string {
  const processes =
    how === 'vllm' ? counted(shards, '{0} replica', '{0} replicas') : counted(shards, '{0} process', '{0} processes');
  return joined(
    ' · ',
    methodName(how),
    url ?? '',
    model ?? '',
    shards === 1 ? '' : processes,
    tensorParallel === undefined ? '' : counted(tensorParallel, '{0} GPU each', '{0} GPUs each'),
    python === undefined ? '' : formatCommand(python),
  );
}
