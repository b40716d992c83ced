/** A pause that ends early where the run has to stop. */

/** @returns false where one of the signals came first */
export function sleepUnless(milliseconds: number, signals: readonly AbortSignal[]): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(true), milliseconds)
    const stop = (): void => done(false)
    function done(whole: boolean): void {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', stop)
      resolve(whole)
    }
    if (signals.some(({ aborted }) => aborted)) done(false)
    else for (const signal of signals) signal.addEventListener('abort', stop)
  })
}
