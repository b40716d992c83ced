/**
 * Acknowledgements that wait a little: the return of a short function, or word of its progress, tells the master as
 * well that the job has arrived. In a large fleet that is one message less from each minion, and one write less on
 * the master. Should the connection end in between, the next greeting names the job.
 */
import type { JobId } from '../../shared/ids.ts'
import type { JobLink } from './job-runner-parts.ts'

/** Milliseconds; far below what an operator would see. */
const patience = 50

/** The link with its acknowledgements sent late, or not where something else was said of the job before. */
export function acknowledgingLate(link: JobLink): JobLink {
  const due = new Map<JobId, NodeJS.Timeout>()
  const told = (jid: JobId): void => {
    clearTimeout(due.get(jid))
    due.delete(jid)
  }
  return {
    connected: () => link.connected(),
    offset: () => link.offset(),
    acknowledge: (jid) => {
      told(jid)
      const send = (): void => {
        due.delete(jid)
        link.acknowledge(jid)
      }
      due.set(jid, setTimeout(send, patience).unref())
    },
    progress: (progress) => {
      told(progress.jid)
      link.progress(progress)
    },
    deliver: (result) => {
      told(result.jid)
      return link.deliver(result)
    },
  }
}
