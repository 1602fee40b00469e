import { render, type TemplateResult } from 'lit';

/** A modal dialog; Esc and a click beside it close it. */
export class Modal {
  readonly element = document.createElement('dialog');

  constructor(parent: HTMLElement, className: string) {
    this.element.className = className;
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
    parent.append(this.element);
  }

  open(content: TemplateResult): void {
    render(content, this.element);
    if (!this.element.open) this.element.showModal();
  }
}
