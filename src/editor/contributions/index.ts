export {
  COMMANDS,
  type CommandId,
  commandSpec,
  type ReviewCommandId,
  reviewCommandId,
} from './commands.ts';
export { CONTEXTS, type ContextKey, type ContextValues } from './contexts.ts';
export { SETTINGS, type SettingId, type SettingValue } from './settings.ts';
export { CHAINS_VIEW, FILE_EXTENSIONS, FILE_VIEW, LOSS_VIEW, REVIEW_VIEW, VIEWS, type ViewId } from './views.ts';
export { WALKTHROUGH } from './walkthrough.ts';
