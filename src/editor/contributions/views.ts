export const CONTAINER = { id: 'longhand', title: 'Longhand', icon: 'media/icons/longhand.svg' } as const;

export const VIEWS = [
  { id: 'longhand.datasets', name: 'Datasets', icon: 'media/icons/longhand.svg' },
  { id: 'longhand.queue', name: 'Review Queue', icon: 'media/icons/longhand.svg' },
] as const;

export type ViewId = (typeof VIEWS)[number]['id'];

/** The `viewType` of the review editor. */
export const REVIEW_VIEW = 'longhand.review';
/** The `viewType` of the editor for files that belong to no dataset, and the files that it can open. */
export const FILE_VIEW = 'longhand.file';
export const FILE_EXTENSIONS = ['jsonl', 'ndjson', 'json', 'parquet', 'eval'] as const;
/** The `viewType` of the chain table. */
export const CHAINS_VIEW = 'longhand.chainTable';
/** The `viewType` of Show Loss. */
export const LOSS_VIEW = 'longhand.loss';

interface Welcome {
  /** Key part in package.nls.json. */
  id: string;
  view: ViewId;
  contents: string;
  when: string;
}

/** A sentence and a link for each case in which a view is empty. */
export const WELCOMES: readonly Welcome[] = [
  {
    id: 'datasets.untrusted',
    view: 'longhand.datasets',
    contents:
      'Reading and reviewing work here. Importing, generating and training need a trusted folder.\n[Manage Workspace Trust](command:workbench.trust.manage)',
    when: '!isWorkspaceTrusted && longhand.dataset == none',
  },
  {
    id: 'datasets.none',
    view: 'longhand.datasets',
    contents:
      'A dataset is a folder of problems, chains and reviews.\n[Create Dataset…](command:longhand.createDataset)',
    when: 'isWorkspaceTrusted && longhand.dataset == none',
  },
  {
    id: 'queue.noDataset',
    view: 'longhand.queue',
    contents:
      'This view lists the chains of thought to review. The sample dataset has some.\n[Open Sample Dataset](command:longhand.openSample)',
    when: 'isWorkspaceTrusted && longhand.dataset == none',
  },
  {
    id: 'queue.noChains',
    view: 'longhand.queue',
    contents:
      'This dataset has no chains yet. Generate some with a model.\n[Generate Chains…](command:longhand.generateChains)',
    when: 'isWorkspaceTrusted && longhand.dataset == open && longhand.chains == none',
  },
  {
    id: 'queue.unreadable',
    view: 'longhand.queue',
    contents:
      'Can’t read this dataset. The Datasets view shows the reason. Most often, the settings file has an error.\n[Open Settings File](command:longhand.openSettingsFile)',
    when: 'longhand.dataset == open && longhand.chains == unreadable',
  },
];
