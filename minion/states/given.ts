/** Leaves out members that are undefined, so that "not given" and "given" stay apart in optional properties. */
export function given<Members extends object>(members: Members): Given<Members> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Given<Members>
}

type Given<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> }
