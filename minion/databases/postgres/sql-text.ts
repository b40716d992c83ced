/** Values as text of SQL for PostgreSQL: names and literals, quoted so that nothing in them is read as SQL. */

/** A name of anything: `"role"`. Longer than 63 bytes the server would cut it, so arguments refuse such. */
export const identifier = (name: string): string => `"${withoutNul(name).replaceAll('"', '""')}"`

/** A text: the same whatever `standard_conforming_strings` is set to. */
export function literal(text: string): string {
  const quoted = withoutNul(text).replaceAll("'", "''")
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

export const literals = (texts: readonly string[]): string => texts.map(literal).join(', ')

/** No text of PostgreSQL has it, and programs end an input there. */
function withoutNul(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL in a text for PostgreSQL')
  return text
}

/** SQL that refuses with a message where a condition does not hold: in steps that take something back. */
export const unless = (condition: string, message: string): string =>
  `DO $guard$ BEGIN IF NOT (${condition.replaceAll('$guard$', '')}) THEN RAISE EXCEPTION '%', ${literal(message.replaceAll('$guard$', ''))}; END IF; END $guard$;`
