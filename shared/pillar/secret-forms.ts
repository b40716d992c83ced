/** The forms in which a secret turns up in outputs, diffs, commands and logs. */

/** Shorter values, and shorter parts of them, would blot out half of every output. */
export const shortest = 6
/** Of a text of many lines (a private key), every line that says something. */
const shortestLine = 16
/** Of the middle of a base64 text that begins or ends with something else (`user:password`). */
const shortestCore = 10

/** @param secret without white space at its ends, at least `shortest` characters */
export function formsOf(secret: string): string[] {
  const lines = secret.split('\n').map((line) => line.trim())
  const long = lines.length > 1 ? lines.filter((line) => line.length >= shortestLine) : []
  const forms = [secret, ...long].flatMap((text) => [text, ...escaped(text)])
  return [...new Set([...forms, ...encoded(Buffer.from(secret))])].filter((form) => form.length >= shortest)
}

/** As JSON (also inside of JSON), in URLs, and quoted for a shell. */
function escaped(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const url = encodeURIComponent(text)
  const everySign = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const urls = [url, everySign, everySign.replaceAll('%20', '+')]
  return [
    json,
    JSON.stringify(json).slice(1, -1),
    ...urls,
    ...urls.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["\\$`]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
    text.replaceAll("'", "\\'"),
    text.replaceAll("'", "''"),
  ]
}

/** Base64 at each of the three places where it can stand among other bytes, and hexadecimal. */
function encoded(bytes: Buffer): string[] {
  const forms = [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]
  for (const kind of ['base64', 'base64url'] as const) {
    forms.push(bytes.toString(kind).replace(/=+$/, ''))
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(kind)
      // Only the characters that no neighbouring byte has a part in.
      const core = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
      if (core.length >= shortestCore) forms.push(core)
    }
  }
  return forms
}
