import { defined } from '../../core/defined.ts';
import { baseURLProblem, hostOfURL } from '../../core/models/base-url.ts';
import type { EngineChoice } from '../../core/schemas/index.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { type Choice, type Step, separator } from '../ui/steps.ts';

const RAY_HERE = 'http://127.0.0.1:8265';

type Kind = { engine: EngineChoice } | 'ray' | 'slurm';

interface EngineQuestion {
  question: string;
  /** Detail of the choice of this machine. */
  here: string;
  engines: readonly ('ray' | 'slurm')[];
  /** Whether to ask for the folder that all nodes of a Ray cluster share. */
  sharedFolder: boolean;
}

export const runQuestion = (): EngineQuestion => ({
  question: t('Run where?'),
  here: t('Continues when you close the window'),
  engines: ['ray', 'slurm'],
  sharedFolder: true,
});

/** Asks where a run is executed: on this machine, on an engine used before, or on another one by its address. */
export class EngineSteps {
  readonly #services: Services;
  readonly #asked: EngineQuestion;
  readonly #next: (engine: EngineChoice) => Step | undefined;

  /** @param next Returns the step after the engine is known. */
  constructor(services: Services, asked: EngineQuestion, next: (engine: EngineChoice) => Step | undefined) {
    this.#services = services;
    this.#asked = asked;
    this.#next = next;
  }

  readonly askEngine: Step = async (ui) => {
    const { question, here, engines } = this.#asked;
    const clusters: (Choice<Kind> & { value: 'ray' | 'slurm' })[] = [
      {
        icon: 'server-environment',
        label: t('Ray…'),
        detail: t('Uses the address of its dashboard'),
        value: 'ray',
      },
      {
        icon: 'server-environment',
        label: t('Slurm…'),
        detail: t('Uses its commands here or over ssh, or slurmrestd'),
        value: 'slurm',
      },
    ];
    const chosen = await ui.pick<Kind>({
      placeholder: question,
      choices: [
        {
          icon: 'device-desktop',
          label: t('This Machine'),
          detail: here,
          value: { engine: { engine: 'local' } },
        },
        ...this.#usedBefore(),
        separator(t('Clusters')),
        ...clusters.filter(({ value }) => engines.includes(value)),
      ],
    });
    if (chosen === 'ray') return this.#askRay;
    if (chosen === 'slurm') return this.#askSlurm;
    return this.#next(chosen.engine);
  };

  #usedBefore(): Choice<Kind>[] {
    const seen = new Map<string, EngineChoice>();
    for (const { report } of [...this.#services.runs.all].reverse()) {
      const { engine } = report;
      if (engine.engine !== 'local' && this.#asked.engines.includes(engine.engine))
        seen.set(JSON.stringify(engine), engine);
    }
    return [...seen.values()].map((engine) => ({
      icon: 'server-environment',
      label: engineName(engine),
      description: t('used before'),
      value: { engine },
    }));
  }

  readonly #askRay: Step = async (ui) => {
    const address = await ui.input({
      prompt: t('Address of the Ray dashboard'),
      value: RAY_HERE,
      validate: addressProblem,
    });
    return this.#askToken(address.trim().replace(/\/+$/, ''));
  };

  /** On this machine too: a tunnel may lead to a dashboard that requires one. */
  #askToken(address: string): Step {
    return async (ui) => {
      const { engineKeys } = this.#services;
      const kept = await engineKeys.has(address);
      const token = await ui.input({
        prompt: kept
          ? t('Token of the dashboard. Leave it empty to keep the stored one.')
          : t('Token of the dashboard, stored in the secret storage. Leave it empty if it has none.'),
        password: true,
      });
      if (token.trim() !== '') await engineKeys.set(address, token.trim());
      if (!this.#asked.sharedFolder) return this.#next({ engine: 'ray', address });
      return this.#askShared(
        (folder) => ({ engine: 'ray', address, ...defined({ sharedFolder: folder || undefined }) }),
        true,
      );
    };
  }

  #askShared(engineOf: (folder: string) => EngineChoice, optional: boolean): Step {
    return async (ui) => {
      const folder = await ui.input({
        prompt: optional
          ? t('A folder that all nodes share, for checkpoints. Leave it empty if there is none.')
          : t('A folder that all nodes share, for the run and its checkpoints'),
        placeholder: '/shared/longhand',
        validate: (value) => {
          if (optional && value.trim() === '') return undefined;
          return value.trim().startsWith('/') ? undefined : t('An absolute path');
        },
      });
      return this.#next(engineOf(folder.trim()));
    };
  }

  readonly #askSlurm: Step = async (ui) => {
    const where = await ui.input({
      prompt: t('A host for ssh or the address of slurmrestd. Leave it empty to use the commands of this machine.'),
      placeholder: 'login.cluster.example',
      validate: (value) => {
        if (value.trim() === '') return undefined;
        if (/^https?:/.test(value.trim())) return addressProblem(value);
        return /^(?!-)[\w.@-]+$/.test(value.trim()) ? undefined : t('A host name, or http(s)://…');
      },
    });
    const place = where.trim() || undefined;
    const target = place?.match(/^https?:/) ? { rest: place } : { host: place };
    return async (again) => {
      const input = await again.input({ prompt: t('Partition. Leave it empty for the default one.') });
      const optional = defined({ ...target, partition: input.trim() || undefined });
      return this.#askShared((sharedFolder) => ({ engine: 'slurm', ...optional, sharedFolder }), false);
    };
  };
}

/** The address is stored with the run, so it must not contain a secret. */
function addressProblem(value: string): string | undefined {
  const text = value.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return t('An address that starts with http:// or https://');
  return baseURLProblem(url) === undefined
    ? undefined
    : t(
        'Remove the name, the password and everything after ? or #: the address is stored. You enter the token in the next step.',
      );
}

/** The name of an engine within a sentence. */
export function engineName(engine: EngineChoice): string {
  switch (engine.engine) {
    case 'local':
      return t('this machine');
    case 'ray':
      return t('Ray at {0}', hostOfURL(engine.address));
    case 'slurm': {
      const host = engine.rest === undefined ? engine.host : hostOfURL(engine.rest);
      return host === undefined ? t('Slurm') : t('Slurm on {0}', host);
    }
  }
}
