/** One after the other: package managers and account tools lock their databases, and states may run in parallel. */
export function turns(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
