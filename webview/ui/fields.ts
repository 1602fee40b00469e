import { html, nothing, type TemplateResult } from 'lit';

/** A field for a number, as the pages with a plan have them. */
export interface NumberOptions {
  label: string;
  title?: string;
  value: number | undefined;
  /** Placeholder of an empty field; without it the field is required. */
  empty?: string;
  min?: number;
  max?: number;
  step?: number;
  disabled?: boolean;
  change: (value: number | undefined) => void;
}

/** Calls `change` for valid numbers only. */
export function numberField({
  label,
  title,
  value,
  empty,
  min = 1,
  max,
  step = 1,
  disabled,
  change,
}: NumberOptions): TemplateResult {
  const read = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.value === '' && empty !== undefined) change(undefined);
    else if (input.value !== '' && input.validity.valid) change(input.valueAsNumber);
  };
  return html`<label class="field" title=${title ?? nothing}>
    <span>${label}</span>
    <input type="number" min=${min} max=${max ?? nothing} step=${step} placeholder=${empty ?? nothing}
      ?required=${empty === undefined} ?disabled=${disabled ?? false} .value=${value === undefined ? '' : String(value)} @change=${read} />
  </label>`;
}
