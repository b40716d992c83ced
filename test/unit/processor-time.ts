/**
 * What work costs, as the machine's other programs don't change it: tests compare it with bounds that are many times of
 * what is usual, and hold only that nothing grows out of proportion. How fast something is stands in test/bench.
 */

/** Milliseconds of the processor that this process has used, all its threads. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
