/** What the client prints with --xml: the one form that tells NULL from the text "NULL". */

export type MysqlRow = ReadonlyMap<string, string | null>

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const plain = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)

/** Rows of all results, one after the other. */
export function parseRows(xml: string): MysqlRow[] {
  return [...xml.matchAll(/<row>(.*?)<\/row>/gs)].map(([, fields = '']) => {
    const row = new Map<string, string | null>()
    for (const [, name = '', isNull, value = ''] of fields.matchAll(
      /<field name="([^"]*)"(?:( xsi:nil="true") \/>|>(.*?)<\/field>)/gs,
    ))
      row.set(plain(name), isNull === undefined ? plain(value) : null)
    return row
  })
}
