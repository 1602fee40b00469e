import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { DatasetSettings } from '../../core/schemas/index.ts';
import { SETTINGS_FILE } from '../dataset/find-datasets.ts';
import { COMMANDS, type CommandSpec } from './commands.ts';
import { keyboardPage } from './keyboard.ts';
import { KEYBINDINGS, MENUS } from './menus.ts';
import { SETTINGS } from './settings.ts';
import {
  CHAINS_VIEW,
  CONTAINER,
  FILE_EXTENSIONS,
  FILE_VIEW,
  LOSS_VIEW,
  REVIEW_VIEW,
  VIEWS,
  WELCOMES,
} from './views.ts';
import { WALKTHROUGH } from './walkthrough.ts';

/** Completion and checks while `longhand.json` is edited by hand; made from the zod schema. */
const SETTINGS_SCHEMA_FILE = 'media/schemas/longhand.schema.json';

/** The fields of package.json that come from the tables of this folder. */
interface ManifestPart {
  activationEvents: string[];
  extensionKind: string[];
  capabilities: object;
  contributes: object;
}

/** Texts of package.nls.json by key; the manifest has `%key%` instead. */
class Texts {
  readonly byKey = new Map<string, string>();

  /** Adds a text and returns the reference to it. */
  put(key: string, text: string): string {
    this.byKey.set(key, text);
    return `%${key}%`;
  }
}

const short = (id: string): string => id.replace(/^longhand\./, '');

function enablement({ trust, enablement }: CommandSpec): string | undefined {
  return [trust ? 'isWorkspaceTrusted' : '', enablement ?? ''].filter(Boolean).join(' && ') || undefined;
}

function commands(texts: Texts): object[] {
  return COMMANDS.map((command) => ({
    command: command.id,
    category: texts.put('category', 'Longhand'),
    title: texts.put(`command.${short(command.id)}`, command.title),
    ...defined({ icon: command.icon && `$(${command.icon})`, enablement: enablement(command) }),
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
      media: walkthroughMedia(step.id, step.media, texts),
      completionEvents: step.completionEvents,
    })),
  };
}

function walkthroughMedia(id: string, media: (typeof WALKTHROUGH.steps)[number]['media'], texts: Texts): object {
  if (typeof media === 'string') return { markdown: `media/walkthrough/${media}` };
  const [dark, light] = [media.picture.dark, media.picture.light].map((file) => `media/walkthrough/${file}`);
  return {
    image: { dark, light, hc: dark, hcLight: light },
    altText: texts.put(`walkthrough.${id}.alt`, media.alt),
  };
}

/** The manifest fields and the texts of package.nls.json, from the tables. */
function buildManifest(): { part: ManifestPart; texts: Record<string, string> } {
  const texts = new Texts();
  const part: ManifestPart = {
    // A folder with a dataset, as deep as `findDatasets` searches, and restored webviews.
    activationEvents: [
      ...['', '*/', '*/*/'].map((folders) => `workspaceContains:${folders}${SETTINGS_FILE}`),
      ...[REVIEW_VIEW, CHAINS_VIEW, LOSS_VIEW].map((view) => `onWebviewPanel:${view}`),
      // `longhand view` opens a file by an address.
      'onUri',
    ],
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
        description: texts.put('virtual.description', 'A dataset must be a folder on a disk.'),
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
      customEditors: [
        {
          viewType: FILE_VIEW,
          displayName: texts.put('editor.file', 'Longhand'),
          selector: FILE_EXTENSIONS.map((extension) => ({ filenamePattern: `*.${extension}` })),
          priority: 'option',
        },
      ],
      menus: MENUS,
      keybindings: KEYBINDINGS,
      walkthroughs: [walkthrough(texts)],
      'markdown.previewStyles': ['./media/markdown/reports.css'],
      jsonValidation: [{ fileMatch: SETTINGS_FILE, url: `./${SETTINGS_SCHEMA_FILE}` }],
    },
  };
  return { part, texts: Object.fromEntries([...texts.byKey].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/**
 * The text of each file that is generated from the tables of this folder, by its path in the project. Not formatted.
 *
 * @param packageJson The current package.json; its other fields are kept in order.
 */
export function manifestFiles(packageJson: Record<string, unknown>): Record<string, string> {
  const { part, texts } = buildManifest();
  const schema = { title: 'Longhand dataset', ...z.toJSONSchema(DatasetSettings, { io: 'input' }) };
  return {
    'package.json': json({ ...packageJson, ...part }),
    'package.nls.json': json(texts),
    [SETTINGS_SCHEMA_FILE]: json(schema),
    'docs/reference/keyboard.md': keyboardPage(),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
