import {
  type Button,
  provideVSCodeDesignSystem,
  type TextArea,
  type TextField,
  vsCodeButton,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

// The toolkit is archived upstream. Only this file uses it, so that it can be replaced.
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextArea(), vsCodeTextField());

export interface TextControl {
  element: HTMLElement;
  value(): string;
  set(value: string): void;
  /** The native control; exists once the element is in the page. */
  native(): HTMLTextAreaElement | HTMLInputElement | null;
}

/** A label with its key. */
export function withKey(label: string, key: string): (string | Node)[] {
  const sign = document.createElement('kbd');
  sign.append(key);
  return [`${label} `, sign];
}

export function button(
  label: string | (string | Node)[],
  look: 'primary' | 'secondary',
  onClick: () => void,
): HTMLElement {
  const element = document.createElement('vscode-button') as Button;
  element.appearance = look;
  element.append(...[label].flat());
  element.addEventListener('click', onClick);
  return element;
}

export function textField(label: string, placeholder: string): TextControl {
  const element = document.createElement('vscode-text-field') as TextField;
  element.setAttribute('aria-label', label);
  element.placeholder = placeholder;
  return {
    element,
    value: () => element.value,
    set: (text) => {
      element.value = text;
    },
    native: () => element.shadowRoot?.querySelector('input') ?? null,
  };
}

export function textArea(label: string, value: string): TextControl {
  const element = document.createElement('vscode-text-area') as TextArea;
  element.setAttribute('aria-label', label);
  element.value = value;
  return {
    element,
    value: () => element.value,
    set: (text) => {
      element.value = text;
    },
    native: () => element.shadowRoot?.querySelector('textarea') ?? null,
  };
}
