import { html, nothing, type TemplateResult } from 'lit';
import type { EngineChoice } from '../../src/core/schemas/index.ts';
import { formatCommand, formatCount, plural } from '../../src/core/text/format.ts';
import type { LossRun } from '../../src/protocol/loss-page.ts';

/** The command as it ran. */
export function commandView({ record: { command, env } }: LossRun, copy: () => void): TemplateResult {
  return html`<section>
    <h2>Command</h2>
    <pre class="command" tabindex="0" aria-label="Command">${formatCommand(command, env)}</pre>
    <button type="button" class="key-button" @click=${copy}>Copy</button>
  </section>`;
}

/** The facts and the starts of a run. */
export function factsView({ record, report, attempts }: LossRun): TemplateResult {
  const { training, engine, createdAt } = record;
  const rows: [string, string | undefined][] = [
    ['Model', training?.model],
    ['Rows', training && `${formatCount(training.rowCount)} of ${training.export}/${training.rows}`],
    ['Lengths', training && lengths(training)],
    ['Engine', engineName(engine)],
    ['Created', when(createdAt)],
    ...attempts.map(({ at, from }, i): [string, string] => [
      `Start ${i + 1}`,
      `${when(at)}${from === undefined ? '' : `, from ${from}`}`,
    ]),
    ['Checkpoints', report.checkpoints.map(({ path, whole }) => (whole ? path : `${path} (incomplete)`)).join(', ')],
    ['Trained model', report.output],
  ];
  return html`<section>
    <h2>What is trained</h2>
    <dl class="what">
      ${rows.map(([label, value]) => (value === undefined || value === '' ? nothing : html`<div><dt>${label}</dt><dd>${value}</dd></div>`))}
    </dl>
  </section>`;
}

type Training = NonNullable<LossRun['record']['training']>;

function lengths({ maxLength, longestRow, lengthsExact, cutRows }: Training): string {
  const about = lengthsExact ? '' : 'about ';
  const truncated = `${plural(cutRows, 'row')} truncated`;
  return `longest ${about}${plural(longestRow, 'token')}, max length ${formatCount(maxLength)}: ${truncated}`;
}

function engineName(choice: EngineChoice): string {
  switch (choice.engine) {
    case 'local':
      return 'this machine';
    case 'ray':
      return `Ray at ${choice.address}`;
    case 'slurm':
      return `Slurm ${choice.rest ?? choice.host ?? 'on this machine'}${choice.partition === undefined ? '' : `, ${choice.partition}`}`;
  }
}

const when = (iso: string): string => new Date(iso).toLocaleString();
