import { describe, expect, it } from 'vitest';
import {
  FireworksJob,
  fireworksReport,
  OpenAICheckpoints,
  OpenAIEvents,
  OpenAIJob,
  openaiReport,
  TogetherEvents,
  TogetherJob,
  TogetherMetrics,
  togetherReport,
} from '../../../src/core/training/hosted.ts';

const together = (job: object, events: unknown, metrics: unknown) =>
  togetherReport(
    TogetherJob.parse({ id: 'ft-1', ...job }),
    TogetherEvents.parse(events),
    TogetherMetrics.parse(metrics),
  );

describe('the report of a fine-tuning job', () => {
  it('Together: losses from the metrics, checkpoints and total steps from the events, the model at the end', () => {
    const events = {
      data: [
        { type: 'training_start', message: 'Training started', total_steps: 20 },
        {
          type: 'checkpoint_save',
          message: 'Saved',
          step: 10,
          checkpoint_path: 's3://x',
          created_at: '2026-11-01T00:00:10Z',
        },
        { type: 'job_complete', message: 'Done' },
      ],
    };
    const metrics = {
      metrics: [
        { 'train/global_step': 2, 'train/loss': 0.5, 'train/learning_rate': 1e-5 },
        { 'train/global_step': 1, 'train/loss': 0.7 },
        { 'train/global_step': 3, 'eval/loss': 0.6 },
      ],
    };
    const report = together({ status: 'completed', model_output_name: 'me/m' }, events, metrics);
    expect(report).toEqual({
      state: 'succeeded',
      model: 'me/m',
      message: 'Done',
      lines: [
        { event: 'log', step: 1, total: 20, loss: 0.7 },
        { event: 'log', step: 2, total: 20, loss: 0.5, lr: 1e-5 },
        { event: 'save', t: Date.parse('2026-11-01T00:00:10Z') / 1000, step: 10, total: 20, checkpoint: 's3://x' },
      ],
    });
    expect(together({ status: 'cancel_requested' }, {}, {})).toEqual({
      state: 'running',
      message: 'cancel_requested',
      lines: [],
    });
  });

  it('OpenAI: metrics from the events, newest first, without values that are not numbers', () => {
    const events = OpenAIEvents.parse({
      data: [
        { id: 'e3', created_at: 3, type: 'message', message: 'Step 2' },
        { id: 'e2', created_at: 2, type: 'metrics', data: { step: 2, train_loss: 'NaN', total_steps: 9 } },
        { id: 'e1', created_at: 1, type: 'metrics', data: { step: 1, train_loss: 1.25, total_steps: 9 } },
      ],
    });
    const checkpoints = OpenAICheckpoints.parse({
      data: [{ step_number: 1, created_at: 2, fine_tuned_model_checkpoint: 'ft:m:ckpt-1' }],
    });
    const job = OpenAIJob.parse({ id: 'j', status: 'running', fine_tuned_model: null, error: {} });
    expect(openaiReport(job, events.data, checkpoints)).toEqual({
      state: 'running',
      message: 'Step 2',
      lines: [
        { event: 'log', t: 1, step: 1, total: 9, loss: 1.25 },
        { event: 'save', t: 2, step: 1, checkpoint: 'ft:m:ckpt-1' },
      ],
    });
    const failed = OpenAIJob.parse({ id: 'j', status: 'failed', error: { message: 'Bad file' } });
    expect(openaiReport(failed, [], { data: [] })).toEqual({ state: 'failed', message: 'Bad file', lines: [] });
  });

  it('Fireworks: a percentage, without steps or losses', () => {
    const report = (job: object) =>
      fireworksReport(FireworksJob.parse({ name: 'accounts/a/supervisedFineTuningJobs/j', ...job }));
    expect(report({ state: 'JOB_STATE_RUNNING', jobProgress: { percent: 42, epoch: 1 } })).toEqual({
      state: 'running',
      message: 'running, 42 %',
      lines: [],
    });
    expect(report({ state: 'JOB_STATE_COMPLETED', outputModel: 'accounts/a/models/m' })).toMatchObject({
      state: 'succeeded',
      model: 'accounts/a/models/m',
    });
    expect(report({ state: 'JOB_STATE_OF_LATER' })).toMatchObject({ state: 'running' });
  });

  it('never throws on garbage inside a known frame', () => {
    for (const junk of [null, 'x', 7, [], {}, [null], [{}], [{ type: 3 }], [{ step: 'x' }]]) {
      expect(() => together({ status: 'running' }, { data: junk }, { metrics: junk })).not.toThrow();
      const events = OpenAIEvents.parse({ data: junk });
      expect(
        openaiReport(
          OpenAIJob.parse({ id: 'j', status: 'running' }),
          events.data,
          OpenAICheckpoints.parse({ data: junk }),
        ).lines,
      ).toEqual([]);
    }
  });
});
