import * as vscode from 'vscode';
import { baseURLProblem } from '../../core/model/base-url.ts';
import type { EngineChoice } from '../../core/model/index.ts';
import { engineName } from '../engine-name.ts';
import type { Services } from '../services.ts';
import { type Choice, type Step, separator } from '../steps.ts';

const RAY_HERE = 'http://127.0.0.1:8265';

type Kind = { engine: EngineChoice } | 'ray' | 'slurm';

/** What is asked where, and of which engines. */
interface EngineQuestion {
  question: string;
  /** What it means to stay on this machine. */
  here: string;
  engines: readonly ('ray' | 'slurm')[];
  /** Whether the folder that all nodes of a Ray share is asked for. */
  sharedFolder: boolean;
}

/** Where a job of Longhand runs. */
export const jobQuestion = (): EngineQuestion => ({
  question: vscode.l10n.t('Where shall it run?'),
  here: vscode.l10n.t('Goes on when the window is closed'),
  engines: ['ray', 'slurm'],
  sharedFolder: true,
});

/** The steps to where a job runs: this machine, an engine that was used before, or the address of another. */
export class EngineSteps {
  readonly #services: Services;
  readonly #asked: EngineQuestion;
  readonly #next: (engine: EngineChoice) => Step | undefined;

  /** @param next Gives the step after the engine is known. */
  constructor(services: Services, asked: EngineQuestion, next: (engine: EngineChoice) => Step | undefined) {
    this.#services = services;
    this.#asked = asked;
    this.#next = next;
  }

  readonly askEngine: Step = async (ui) => {
    const { question, here, engines } = this.#asked;
    const clusters: (Choice<Kind> & { value: 'ray' | 'slurm' })[] = [
      {
        label: `$(server-environment) ${vscode.l10n.t('Ray…')}`,
        detail: vscode.l10n.t('By the address of its dashboard'),
        value: 'ray',
      },
      {
        label: `$(server-environment) ${vscode.l10n.t('Slurm…')}`,
        detail: vscode.l10n.t('By its commands here or over ssh, or by slurmrestd'),
        value: 'slurm',
      },
    ];
    const chosen = await ui.pick<Kind>({
      placeholder: question,
      choices: [
        {
          label: `$(device-desktop) ${vscode.l10n.t('This Machine')}`,
          detail: here,
          value: { engine: { engine: 'local' } },
        },
        ...this.#usedBefore(),
        separator(vscode.l10n.t('Clusters')),
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
      label: `$(server-environment) ${engineName(engine)}`,
      description: vscode.l10n.t('used before'),
      value: { engine },
    }));
  }

  readonly #askRay: Step = async (ui) => {
    const address = await ui.input({
      prompt: vscode.l10n.t('Address of the Ray dashboard'),
      value: RAY_HERE,
      validate: addressComplaint,
    });
    return this.#askToken(address.trim().replace(/\/+$/, ''));
  };

  /** On this machine too: a tunnel may lead to a dashboard that wants one. */
  #askToken(address: string): Step {
    return async (ui) => {
      const { engineKeys } = this.#services;
      const kept = await engineKeys.has(address);
      const token = await ui.input({
        prompt: kept
          ? vscode.l10n.t('Token of the dashboard; nothing keeps the one that is stored')
          : vscode.l10n.t('Token of the dashboard, kept in the secret storage; nothing where it has none'),
        password: true,
      });
      if (token.trim() !== '') await engineKeys.set(address, token.trim());
      if (!this.#asked.sharedFolder) return this.#next({ engine: 'ray', address });
      return this.#askShared(
        (sharedFolder) => ({
          engine: 'ray',
          address,
          ...(sharedFolder === '' ? {} : { sharedFolder }),
        }),
        true,
      );
    };
  }

  #askShared(engineOf: (folder: string) => EngineChoice, optional: boolean): Step {
    return async (ui) => {
      const folder = await ui.input({
        prompt: optional
          ? vscode.l10n.t('A folder that all nodes see, for checkpoints; nothing where there is none')
          : vscode.l10n.t('A folder that all nodes see, for the job and its checkpoints'),
        placeholder: '/shared/longhand',
        validate: (value) => {
          if (optional && value.trim() === '') return undefined;
          return value.trim().startsWith('/') ? undefined : vscode.l10n.t('An absolute path');
        },
      });
      return this.#next(engineOf(folder.trim()));
    };
  }

  readonly #askSlurm: Step = async (ui) => {
    const where = await ui.input({
      prompt: vscode.l10n.t(
        'A host to be reached by ssh, the address of slurmrestd, or nothing for the commands of this machine',
      ),
      placeholder: 'login.cluster.example',
      validate: (value) => {
        if (value.trim() === '') return undefined;
        if (/^https?:/.test(value.trim())) return addressComplaint(value);
        return /^(?!-)[\w.@-]+$/.test(value.trim()) ? undefined : vscode.l10n.t('A name of a host, or http(s)://…');
      },
    });
    const place = where.trim();
    return async (again) => {
      const partition = await again.input({ prompt: vscode.l10n.t('Partition, or nothing for the default one') });
      return this.#askShared(
        (sharedFolder) => ({
          engine: 'slurm',
          ...(place === '' ? {} : /^https?:/.test(place) ? { rest: place } : { host: place }),
          ...(partition.trim() === '' ? {} : { partition: partition.trim() }),
          sharedFolder,
        }),
        false,
      );
    };
  };
}

/** It is stored with the run, so it may hold no secret. */
function addressComplaint(value: string): string | undefined {
  const text = value.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return vscode.l10n.t('An address that begins with http:// or https://');
  return baseURLProblem(url) === undefined
    ? undefined
    : vscode.l10n.t(
        'Without name and password and what follows ? or #: the address is stored. A token is asked for next.',
      );
}
