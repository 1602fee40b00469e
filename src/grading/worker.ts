import type { Verdict } from '../core/schemas/index.ts';
import { gradeInThread } from './in-thread.ts';
import type { GradeRequest } from './pool.ts';
import { serve } from './serve.ts';

serve<GradeRequest, Verdict>(({ gold, text, policy }, clock) => gradeInThread(gold, text, policy, clock));
