export { ReviewPanel, type ReviewServices, SavedReview } from './panel.ts';
export type { ReviewSource } from './source.ts';
