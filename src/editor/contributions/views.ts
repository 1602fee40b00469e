export const CONTAINER = { id: 'longhand', title: 'Longhand', icon: 'media/icons/longhand.svg' } as const;

export const VIEWS = [
  { id: 'longhand.datasets', name: 'Datasets', icon: 'media/icons/longhand.svg' },
  { id: 'longhand.queue', name: 'Review Queue', icon: 'media/icons/longhand.svg' },
] as const;

export type ViewId = (typeof VIEWS)[number]['id'];

/** The `viewType` of the review editor. */
export const REVIEW_VIEW = 'longhand.review';
/** The `viewType` of Show Loss. */
export const LOSS_VIEW = 'longhand.loss';

interface Welcome {
  /** Key part in package.nls.json. */
  id: string;
  view: ViewId;
  contents: string;
  when: string;
}

/** One sentence and one link for each way a view can be empty. */
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
      'Chains of thought wait here to be read and decided on. The sample dataset has some to begin with.\n[Open Sample Dataset](command:longhand.openSample)',
    when: 'isWorkspaceTrusted && longhand.dataset == none',
  },
  {
    id: 'queue.noChains',
    view: 'longhand.queue',
    contents:
      'This dataset has no chains yet. Let a model write some.\n[Generate Chains…](command:longhand.generateChains)',
    when: 'isWorkspaceTrusted && longhand.dataset == open && longhand.chains == none',
  },
  {
    id: 'queue.unreadable',
    view: 'longhand.queue',
    contents:
      'This dataset could not be read. The Datasets view says why; most often its settings need mending.\n[Open Settings File](command:longhand.openSettingsFile)',
    when: 'longhand.dataset == open && longhand.chains == unreadable',
  },
];
