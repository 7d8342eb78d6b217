import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { pipelineEntry } from '../pipelines/stages.ts';
import { invocation } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { isPaused, PAUSE_SECONDS } from './other-destination.ts';
import type { Pipeline } from './pipeline.ts';
import { beginRun, contextOf, isOver, openClients, readSubject } from './run-context.ts';
import { FINISHED, Run, type RunResult } from './runner.ts';

/** What the state machine hands to a pipeline's Lambda: ids only. */
const pipelineEventSchema = z.object({ importId: z.int(), entityId: z.int(), pipeline: z.string() });

/** Time kept back at the end of a Lambda for the last writes. No request to a GitLab runs into it. */
const RESERVED_MS = 5_000;
/** A wait of the workflow may end this much before its time by the clock of the run after it. */
const CLOCK_TOLERANCE_MS = 500;

/** The Lambda handler of a pipeline. */
export function pipelineHandler<Source, Attributes, Known>(pipeline: Pipeline<Source, Attributes, Known>) {
  return invocation(
    async (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> => {
      const { importId, entityId } = pipelineEventSchema.parse(event);
      const deadline = Date.now() + lambda.getRemainingTimeInMillis();
      const subject = await readSubject(importId, entityId);
      if (isPaused(subject.record) && !isOver(subject)) return pause(pipeline.name, importId, entityId);
      const begun = await beginRun(pipelineEntry(pipeline.name), subject);
      if (begun === undefined) return FINISHED;
      const run = new Run(pipeline, begun.tracker, deadline);
      const left = Date.parse(begun.tracker.waiting?.until ?? '') - Date.now();
      // Called before its time, after a restart: the GitLab is not asked any earlier for that.
      if (left > CLOCK_TOLERANCE_MS) return run.waitOn(Math.ceil(left / 1000));
      const clients = await openClients(begun.record, deadline - RESERVED_MS);
      if (clients === undefined) return FINISHED;
      try {
        return await run.work(contextOf(begun, clients));
      } finally {
        await clients.close();
      }
    },
  );
}

/** The import belongs to another destination than the service has now: nothing is sent, and nothing counts as a try. */
function pause(pipeline: string, importId: number, entityId: number): RunResult {
  const seconds = PAUSE_SECONDS;
  logger.warn(LogEvent.PipelineWaits, { importId, entityId, pipeline, reason: 'other_destination', seconds });
  return { status: 'wait', waitSeconds: seconds };
}
