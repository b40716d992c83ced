/** Variables of the environment that states set for what this process runs from now on (environ.setenv). */

const variables = new Map<string, string>()

/** The value that commands get; undefined: they have none. */
export const setVariable = (name: string): string | undefined => variables.get(name)

export const setVariables = (): Readonly<Record<string, string>> => Object.fromEntries(variables)

/** Also of the process itself, so that `environ.get` and templates see it. @param value undefined: unset */
export function changeVariable(name: string, value: string | undefined): void {
  if (value === undefined) {
    variables.delete(name)
    delete process.env[name]
    return
  }
  variables.set(name, value)
  process.env[name] = value
}
