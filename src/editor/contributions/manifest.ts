import { COMMANDS, type CommandSpec } from './commands.ts';
import { KEYBINDINGS, MENUS } from './menus.ts';
import { SETTINGS } from './settings.ts';
import { CONTAINER, LOSS_VIEW, REVIEW_VIEW, VIEWS, WELCOMES } from './views.ts';
import { WALKTHROUGH } from './walkthrough.ts';

/** Completion and checks while `longhand.json` is edited by hand; made from the zod schema. */
export const SETTINGS_SCHEMA_FILE = 'media/schemas/longhand.schema.json';

/** The fields of package.json that come from the tables of this folder. */
interface ManifestPart {
  activationEvents: string[];
  extensionKind: string[];
  capabilities: object;
  contributes: object;
}

/** Texts by key, as package.nls.json holds them, while the manifest holds `%key%`. */
class Texts {
  readonly byKey = new Map<string, string>();

  /** Remembers `text` and gives the reference to it. */
  put(key: string, text: string): string {
    this.byKey.set(key, text);
    return `%${key}%`;
  }
}

const short = (id: string): string => id.replace(/^longhand\./, '');

function enablement({ trust, enablement }: CommandSpec): string | undefined {
  const parts = [...(trust ? ['isWorkspaceTrusted'] : []), ...(enablement === undefined ? [] : [enablement])];
  return parts.length === 0 ? undefined : parts.join(' && ');
}

function commands(texts: Texts): object[] {
  return COMMANDS.map((command) => ({
    command: command.id,
    category: texts.put('category', 'Longhand'),
    title: texts.put(`command.${short(command.id)}`, command.title),
    ...(command.icon === undefined ? {} : { icon: `$(${command.icon})` }),
    ...(enablement(command) === undefined ? {} : { enablement: enablement(command) }),
  }));
}

function configuration(texts: Texts): object {
  const properties = Object.entries(SETTINGS).map(([id, setting], order) => {
    const { description, ...schema } = setting;
    return [id, { ...schema, order, markdownDescription: texts.put(`setting.${short(id)}`, description) }];
  });
  return { title: texts.put('category', 'Longhand'), properties: Object.fromEntries(properties) };
}

function walkthrough(texts: Texts): object {
  return {
    id: WALKTHROUGH.id,
    title: texts.put('walkthrough.title', WALKTHROUGH.title),
    description: texts.put('walkthrough.description', WALKTHROUGH.description),
    steps: WALKTHROUGH.steps.map((step) => ({
      id: step.id,
      title: texts.put(`walkthrough.${step.id}.title`, step.title),
      description: texts.put(`walkthrough.${step.id}.description`, step.description),
      media: { markdown: `media/walkthrough/${step.media}` },
      completionEvents: step.completionEvents,
    })),
  };
}

/** The manifest fields and the texts of package.nls.json, from the tables; no file is read or written. */
export function buildManifest(): { part: ManifestPart; texts: Record<string, string> } {
  const texts = new Texts();
  const part: ManifestPart = {
    // Nothing at start-up. Only pages that a closed window left open ask for the extension, to be filled again.
    activationEvents: [REVIEW_VIEW, LOSS_VIEW].map((view) => `onWebviewPanel:${view}`),
    extensionKind: ['workspace'],
    capabilities: {
      untrustedWorkspaces: {
        supported: 'limited',
        description: texts.put(
          'trust.description',
          'Reading and reviewing work. Importing, generating, exporting, training and the starter model need a trusted folder.',
        ),
      },
      virtualWorkspaces: {
        supported: false,
        description: texts.put('virtual.description', 'A dataset is a folder on a disk.'),
      },
    },
    contributes: {
      commands: commands(texts),
      configuration: configuration(texts),
      viewsContainers: {
        activitybar: [{ ...CONTAINER, title: texts.put('container.title', CONTAINER.title) }],
      },
      views: {
        [CONTAINER.id]: VIEWS.map((view) => ({ ...view, name: texts.put(`view.${short(view.id)}`, view.name) })),
      },
      viewsWelcome: WELCOMES.map(({ id, view, contents, when }) => ({
        view,
        contents: texts.put(`welcome.${id}`, contents),
        when,
      })),
      menus: MENUS,
      keybindings: KEYBINDINGS,
      walkthroughs: [walkthrough(texts)],
      jsonValidation: [{ fileMatch: 'longhand.json', url: `./${SETTINGS_SCHEMA_FILE}` }],
    },
  };
  return { part, texts: Object.fromEntries([...texts.byKey].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
