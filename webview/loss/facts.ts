import { html, nothing, type TemplateResult } from 'lit';
import type { EngineChoice } from '../../src/core/model/index.ts';
import { commandInWords } from '../../src/core/text/command-words.ts';
import type { LossRun } from '../../src/protocol/loss-page.ts';

/** The command exactly as it ran, to be copied. */
export function commandView({ record: { command, env } }: LossRun, copy: () => void): TemplateResult {
  return html`<section>
    <h2>Command</h2>
    <pre class="command" tabindex="0" aria-label="Command">${commandInWords(command, env)}</pre>
    <button type="button" class="key-button" @click=${copy}>Copy</button>
  </section>`;
}

/** What was asked for, and how it went on. */
export function factsView({ record, report, attempts }: LossRun): TemplateResult {
  const { training, engine, createdAt } = record;
  const rows: [string, string | undefined][] = [
    ['Model', training?.model],
    ['Rows', training && `${training.rowCount.toLocaleString('en')} of ${training.export}/${training.rows}`],
    ['Lengths', training && lengths(training)],
    ['Engine', engineWords(engine)],
    ['Created', when(createdAt)],
    ...attempts.map(({ at, from }, i): [string, string] => [
      `Attempt ${i + 1}`,
      `${when(at)}${from === undefined ? '' : `, from ${from}`}`,
    ]),
    ['Checkpoints', report.checkpoints.map(({ path, whole }) => (whole ? path : `${path} (not whole)`)).join(', ')],
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
  const cut = cutRows === 0 ? 'no row is cut' : `${cutRows === 1 ? '1 row is' : `${cutRows} rows are`} cut`;
  const about = lengthsExact ? '' : 'about ';
  return `longest row ${about}${longestRow.toLocaleString('en')} tokens, at most ${maxLength.toLocaleString('en')}: ${cut}`;
}

function engineWords(choice: EngineChoice): string {
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
