/** Waits, unless it is told to stop waiting. */

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The end of the work, or so many milliseconds, or the signal: whichever comes first, and no timer is left behind. */
export async function within(
  milliseconds: number,
  work: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController()
  const late = pause(milliseconds, AbortSignal.any([signal, done.signal]))
  try {
    await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
