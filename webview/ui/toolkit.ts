import {
  type Button,
  provideVSCodeDesignSystem,
  type TextArea,
  type TextField,
  vsCodeButton,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

// The toolkit is archived upstream. This file alone knows it: what replaces it one day gives these three functions.
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextArea(), vsCodeTextField());

/** A text control: where it goes into the page, and the native control inside. */
export interface TextControl {
  element: HTMLElement;
  value(): string;
  set(value: string): void;
  /** The native control; exists once the element is in the page. */
  native(): HTMLTextAreaElement | HTMLInputElement | null;
}

export function button(label: string, look: 'primary' | 'secondary', onClick: () => void): HTMLElement {
  const element = document.createElement('vscode-button') as Button;
  element.appearance = look;
  element.append(label);
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

/** True for a key press that belongs to a text control. */
export function isTyping(event: KeyboardEvent): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLElement && inner.matches('input, textarea, select, [contenteditable]');
}
