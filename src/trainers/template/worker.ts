import { workerData } from 'node:worker_threads';
import { serve } from '../../grading/serve.ts';
import { type TemplateReply, type TemplateTask, templateTasks } from './tasks.ts';

const work = templateTasks(workerData);

serve<TemplateTask, TemplateReply>(async (task) => work(task));
