/** Which of two versions is newer: their numbers one after another, and one that is being prepared before its release. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.max(one.numbers.length, other.numbers.length); index++) {
    const difference = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  if (one.before === other.before) return 0
  if (one.before === '' || other.before === '') return one.before === '' ? 1 : -1
  return one.before < other.before ? -1 : 1
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly before: string } {
  const [released = '', ...before] = version.split('-')
  return {
    numbers: released.split('.').map((part) => Number.parseInt(part, 10) || 0),
    before: before.join('-'),
  }
}
